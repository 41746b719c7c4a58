-- links_of_all.sql  what an effect in one core task goes with in another, all cohorts together
-- grain             one row per pair of core tasks
SELECT *
FROM core_task_link
WHERE cohort = 'all'
ORDER BY from_core_task_id, to_core_task_id
