-- effect_versions.sql  a new version of every effect record that changed, and of those that are gone
-- reads                fresh_effect, current_effect, gone_effect, effect, amendment
-- parameters           $batch
-- A record that moves to another subject is withdrawn from the old one first: whoever sees the old subject alone, later, sees that it is gone.
INSERT INTO effect BY NAME
WITH hashed AS (
    SELECT *, effect_hash(
        core_task_id, subject_key, index_on, unit_id, resolves_on, decided_on, outcome, value, baseline, contributors, evidence, known_from
    ) AS content_hash
    FROM fresh_effect
)
SELECT h.* EXCLUDE (indicator_no), coalesce(c.version, 0) + CASE WHEN c.outcome <> 'withdrawn' AND c.subject_key <> h.subject_key THEN 2 ELSE 1 END AS version, $batch AS batch
FROM hashed h LEFT JOIN current_effect c ON c.indicator_no = h.indicator_no AND c.index_key = h.index_key
WHERE h.content_hash IS DISTINCT FROM c.content_hash
UNION ALL BY NAME
SELECT e.* REPLACE (
    'withdrawn' AS outcome, coalesce(a.recorded_at, e.known_from) AS known_from, 0 AS content_hash, e.version + 1 AS version, $batch AS batch
)
FROM effect e
    JOIN gone_effect g USING (indicator_id, indicator_version, index_key, version)
    LEFT JOIN (SELECT target_key, max(recorded_at) AS recorded_at FROM amendment GROUP BY target_key) a ON a.target_key = e.index_key;
