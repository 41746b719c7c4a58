-- effect_versions.sql  a new version of every effect record that changed, and of those whose index event no longer stands
-- reads                fresh_effect, current_effect, amendment
-- parameters           $batch
INSERT INTO effect BY NAME
SELECT f.*, coalesce(c.version, 0) + 1 AS version, $batch AS batch
FROM fresh_effect f LEFT JOIN current_effect c USING (indicator_id, indicator_version, index_key)
WHERE c.version IS NULL
    OR f.outcome IS DISTINCT FROM c.outcome
    OR f.decided_on IS DISTINCT FROM c.decided_on
    OR f.known_from IS DISTINCT FROM c.known_from
    OR f.evidence IS DISTINCT FROM c.evidence
    OR f.subject IS DISTINCT FROM c.subject
    OR f.index_on IS DISTINCT FROM c.index_on
    OR f.unit_id IS DISTINCT FROM c.unit_id
    OR f.resolves_on IS DISTINCT FROM c.resolves_on
    OR f.value IS DISTINCT FROM c.value
    OR f.baseline IS DISTINCT FROM c.baseline
    OR f.contributors IS DISTINCT FROM c.contributors
    OR f.core_task_id IS DISTINCT FROM c.core_task_id
    OR f.index_source IS DISTINCT FROM c.index_source
    OR f.index_id IS DISTINCT FROM c.index_id
UNION ALL BY NAME
SELECT c.* EXCLUDE (version, batch) REPLACE ('withdrawn' AS outcome, coalesce(a.recorded_at, c.known_from) AS known_from),
    c.version + 1 AS version, $batch AS batch
FROM current_effect c
    ANTI JOIN fresh_effect f USING (indicator_id, indicator_version, index_key)
    LEFT JOIN (SELECT target_key, max(recorded_at) AS recorded_at FROM amendment GROUP BY target_key) a ON a.target_key = c.index_key
WHERE c.outcome <> 'withdrawn'
