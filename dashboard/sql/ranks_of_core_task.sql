-- ranks_of_core_task.sql   output beside effect: the same unit's rank by both, in one cohort
-- parameters               $core_task_id, $cohort
-- grain                    one row per unit
SELECT *
FROM output_vs_effect
WHERE core_task_id = $core_task_id AND cohort = $cohort
ORDER BY effect_rank NULLS LAST, unit_id
