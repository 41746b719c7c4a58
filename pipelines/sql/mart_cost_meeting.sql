-- mart_cost_meeting.sql  the cost that effects are held against: effort, actual, of a unit with everything below it
-- reads       cost_cell, placement_unit, meeting_grid (the grid in which cost meets effects, and `all`)
-- parameters  $effort cost classes; $currency the municipality's
-- grain       unit or ancestor x core task x grid x cohort
CREATE TABLE cost_meeting AS
SELECT
    placement_unit.unit_id,
    cost_cell.core_task_id,
    meeting_grid.grid,
    period_start(cost_cell.compare_start, meeting_grid.grid) AS cohort_start,
    CASE WHEN count(*) = count(fixed_ore) THEN sum(fixed_ore)::BIGINT END AS cost_ore
FROM cost_cell
JOIN placement_unit USING (placement)
CROSS JOIN meeting_grid
WHERE kind = 'actual' AND is_past AND currency = $currency AND list_contains($effort, cost_class)
GROUP BY ALL;
