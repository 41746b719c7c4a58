-- effect_versions.sql  a new version of every effect record that changed, and of those whose index event no longer stands
-- reads                changed_effect, gone_effect, fresh_effect, effect, amendment
-- parameters           $batch
INSERT INTO effect BY NAME
SELECT f.* EXCLUDE (indicator_no), c.content_hash, c.version, $batch AS batch
FROM fresh_effect f JOIN changed_effect c USING (indicator_no, index_key)
UNION ALL BY NAME
SELECT e.* REPLACE (
    'withdrawn' AS outcome, coalesce(a.recorded_at, e.known_from) AS known_from, 0 AS content_hash, e.version + 1 AS version, $batch AS batch
)
FROM effect e
    JOIN gone_effect g USING (indicator_id, indicator_version, index_key, version)
    LEFT JOIN (SELECT target_key, max(recorded_at) AS recorded_at FROM amendment GROUP BY target_key) a ON a.target_key = e.index_key;
