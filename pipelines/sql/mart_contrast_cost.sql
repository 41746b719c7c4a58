-- mart_contrast_cost.sql  effort booked at the units of each side, with everything below them
-- reads       contrast_record, placement_unit, cost_meeting
-- parameters  $core_task_id, $meeting_grid, $cohort_start
-- columns     side 1 treated, 0 control; cost_ore null: nothing is booked, or it has no price; shared: a unit of both sides
WITH side_unit AS (
    SELECT DISTINCT side, unit_id FROM contrast_record WHERE side IN (0, 1)
),
above AS (
    SELECT DISTINCT placement.unit_id, placement_unit.unit_id AS above_id
    FROM placement
    JOIN placement_unit USING (placement)
    WHERE placement_unit.unit_id <> placement.unit_id
),
top AS (
    SELECT side_unit.*
    FROM side_unit
    WHERE NOT EXISTS (
        SELECT 1 FROM above JOIN side_unit AS other ON other.unit_id = above.above_id
        WHERE above.unit_id = side_unit.unit_id AND other.side = side_unit.side
    )
)
SELECT
    top.side,
    sum(cost.cost_ore)::BIGINT AS cost_ore,
    (SELECT count(*) - count(DISTINCT unit_id) FROM side_unit) > 0 AS shared
FROM top
LEFT JOIN cost_meeting AS cost
    ON cost.unit_id = top.unit_id AND cost.core_task_id = $core_task_id AND cost.grid = $meeting_grid
    AND cost.cohort_start IS NOT DISTINCT FROM $cohort_start::DATE
GROUP BY top.side
ORDER BY top.side;
