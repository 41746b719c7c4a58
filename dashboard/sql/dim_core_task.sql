-- dim_core_task.sql   names as the newest validity has them: the reader keeps the last row of each id
-- grain    one row per core_task_id and validity, oldest first, ids in the publication's own order
SELECT *
FROM dim_core_task
ORDER BY min(rowid) OVER (PARTITION BY core_task_id), valid_from NULLS FIRST
