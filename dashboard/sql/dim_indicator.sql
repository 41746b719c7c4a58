-- dim_indicator.sql   names as the newest validity has them: the reader keeps the last row of each id
-- grain    one row per indicator_id and validity, oldest first, ids in the publication's own order
SELECT *
FROM dim_indicator
ORDER BY min(rowid) OVER (PARTITION BY indicator_id), version NULLS FIRST
