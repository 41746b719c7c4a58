-- dim_unit.sql   names as the newest validity has them: the reader keeps the last row of each id
-- grain    one row per unit_id and validity, oldest first, ids in the publication's own order
SELECT *
FROM dim_unit
ORDER BY min(rowid) OVER (PARTITION BY unit_id), valid_from NULLS FIRST
