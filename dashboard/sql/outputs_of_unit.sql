-- outputs_of_unit.sql   what one unit did; event types that a core task declares as output are shown under that name only
-- parameters            $unit_id
-- grain                 one row per output, core task and period
SELECT *
FROM output_by_unit
WHERE unit_id = $unit_id
ORDER BY core_task_id NULLS LAST, output_id, period_start NULLS FIRST
