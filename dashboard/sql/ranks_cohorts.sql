-- ranks_cohorts.sql   the cohorts of one core task's ranks, and whether some unit has one in each
-- parameters          $core_task_id
-- grain               one row per cohort
SELECT cohort, cohort_start, '(some)' AS unit_id, max(effect_rank) AS effect_rank
FROM output_vs_effect
WHERE core_task_id = $core_task_id
GROUP BY ALL
ORDER BY cohort_start DESC NULLS FIRST, cohort
