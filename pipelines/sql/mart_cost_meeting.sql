-- mart_cost_meeting.sql  the cost that effects are held against: effort, actual, of a unit with everything below it
-- reads       cost_cell, placement_unit, meeting_grid (the grid in which cost meets effects, and `all`)
-- parameters  $effort, $direct cost classes; $currency the municipality's
-- grain       unit or ancestor x core task x grid x cohort; none where nothing is booked directly, since what is only allocated is no unit's whole cost
-- columns     cost_ore the effort, gross of refund; refund_ore its state refund (below zero); allocated_ore of cost_ore, come by keys;
--             cost_variance of keys that come from samples, oere squared: a key's errors go together, keys are independent; null: a full count
CREATE TABLE cost_meeting AS
WITH met AS (
    SELECT
        placement_unit.unit_id,
        cost_cell.core_task_id,
        meeting_grid.grid,
        period_start(cost_cell.compare_start, meeting_grid.grid) AS cohort_start,
        cost_class, key_no, relative_se,
        CASE WHEN count(*) = count(fixed_ore) THEN sum(fixed_ore) END AS fixed_ore,
        sum(abs(direct_ore)) AS direct_ore,
        string_agg(DISTINCT price_index, ', ' ORDER BY price_index) AS price_index
    FROM cost_cell
    JOIN placement_unit USING (placement)
    CROSS JOIN meeting_grid
    WHERE kind = 'actual' AND is_past AND currency = $currency AND (list_contains($effort, cost_class) OR cost_class = 'refund')
    GROUP BY ALL
)
SELECT
    unit_id, core_task_id, grid, cohort_start,
    CASE WHEN bool_and(fixed_ore IS NOT NULL) FILTER (cost_class <> 'refund') THEN sum(fixed_ore) FILTER (cost_class <> 'refund')::BIGINT END AS cost_ore,
    CASE WHEN bool_and(fixed_ore IS NOT NULL) THEN coalesce(sum(fixed_ore) FILTER (cost_class = 'refund'), 0)::BIGINT END AS refund_ore,
    coalesce(sum(fixed_ore) FILTER (cost_class = 'allocated'), 0)::BIGINT AS allocated_ore,
    sum((fixed_ore::DECIMAL(38, 0) * relative_se) ** 2 ORDER BY key_no) FILTER (relative_se IS NOT NULL) AS cost_variance,
    max(price_index) FILTER (cost_class <> 'refund') AS price_index
FROM met
GROUP BY unit_id, core_task_id, grid, cohort_start
HAVING count(*) FILTER (list_contains($direct, cost_class) AND direct_ore <> 0) > 0;
