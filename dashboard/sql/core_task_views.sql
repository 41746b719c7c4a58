-- core_task_views.sql  the formal, the performed and the experienced core task of the whole municipality, and the gaps between them
-- grain                one row per core task and cohort
SELECT *
FROM core_task_views
WHERE unit_id = '(all)'
ORDER BY core_task_id, cohort = 'all' DESC, cohort_start DESC
