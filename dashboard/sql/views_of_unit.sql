-- views_of_unit.sql   one unit's core tasks as decided, as performed and as experienced
-- parameters          $unit_id, $cohort
-- grain               one row per core task
SELECT *
FROM core_task_views
WHERE unit_id = $unit_id AND cohort = $cohort
ORDER BY core_task_id
