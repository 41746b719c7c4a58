-- mart_standing.sql  the effect records that stand: the newest version of each, less those withdrawn
-- reads   src_effect
-- grain   one row per indicator, version and index event
CREATE TEMP VIEW standing_effect AS
WITH superseded AS (
    SELECT indicator_id, indicator_version, index_key, max(version) AS newest
    FROM src_effect
    WHERE version > 1
    GROUP BY ALL
)
SELECT effect.*
FROM src_effect AS effect
LEFT JOIN superseded USING (indicator_id, indicator_version, index_key)
WHERE (superseded.newest IS NULL OR effect.version = superseded.newest) AND effect.outcome <> 'withdrawn';
