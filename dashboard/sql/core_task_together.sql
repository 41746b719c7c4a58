-- core_task_together.sql   persons with an effect in one core task or in one below it, each once, all cohorts together
-- parameters               $core_task_id
-- grain                    one row per unit
SELECT *
FROM effect_by_core_task
WHERE core_task_id = $core_task_id AND cohort = 'all'
ORDER BY unit_id <> '(all)', unit_id
