-- ranks_of_core_task.sql   output beside effect: the same unit's rank by both
-- parameters               $core_task_id
-- grain                    one row per unit and cohort
SELECT *
FROM output_vs_effect
WHERE core_task_id = $core_task_id
ORDER BY cohort_start DESC NULLS FIRST, effect_rank NULLS LAST, unit_id
