-- core_task_versions.sql   every version of one core task's definition, the newest first
-- parameters               $core_task_id
-- grain                    one row per version
SELECT *
FROM dim_core_task
WHERE core_task_id = $core_task_id
ORDER BY version DESC
