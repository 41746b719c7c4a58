-- outputs_of_core_task.sql   what was done under one core task, unit by unit
-- parameters                 $core_task_id
-- grain                      one row per unit, output and period
SELECT *
FROM output_by_unit
WHERE core_task_id = $core_task_id
ORDER BY output_id, period_start NULLS FIRST, unit_id
