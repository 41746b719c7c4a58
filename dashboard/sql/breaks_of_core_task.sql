-- breaks_of_core_task.sql   days on which law or definition changed under one core task's indicators
-- parameters                $core_task_id
-- grain                     one row per day and indicator, the newest first
SELECT DISTINCT break_on, indicator_id, why, why_en
FROM dim_break
WHERE core_task_id = $core_task_id
ORDER BY break_on DESC, indicator_id
