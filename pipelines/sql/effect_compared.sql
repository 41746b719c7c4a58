-- effect_compared.sql  which effect records changed, and which are no longer any: keys only
-- reads                fresh, indicator, current_effect
-- makes                changed_effect (indicator_no, index_key, version to come), gone_effect (key and version of the record that goes)
-- Source and id of the index event and the subject's name are left out of the comparison: their keys are made from them.
CREATE OR REPLACE TEMP TABLE changed_effect AS
SELECT f.indicator_no, f.index_key, coalesce(c.version, 0) + 1 AS version
FROM fresh f
    JOIN indicator i USING (indicator_no)
    LEFT JOIN current_effect c ON c.indicator_no = f.indicator_no AND c.index_key = f.index_key
WHERE c.version IS NULL
    OR f.outcome IS DISTINCT FROM c.outcome
    OR f.decided_on IS DISTINCT FROM c.decided_on
    OR f.known_from IS DISTINCT FROM c.known_from
    OR f.subject_key IS DISTINCT FROM c.subject_key
    OR f.index_on IS DISTINCT FROM c.index_on
    OR f.resolves_on IS DISTINCT FROM c.resolves_on
    OR f.value IS DISTINCT FROM c.value
    OR f.baseline IS DISTINCT FROM c.baseline
    OR f.unit_id IS DISTINCT FROM c.unit_id
    OR f.evidence IS DISTINCT FROM c.evidence
    OR f.contributors IS DISTINCT FROM c.contributors
    OR i.core_task_id IS DISTINCT FROM c.core_task_id;

CREATE OR REPLACE TEMP TABLE gone_effect AS
SELECT c.indicator_id, c.indicator_version, c.index_key, c.version
FROM current_effect c ANTI JOIN fresh f ON f.indicator_no = c.indicator_no AND f.index_key = c.index_key
WHERE c.outcome <> 'withdrawn';
