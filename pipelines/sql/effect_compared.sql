-- effect_compared.sql  which effect records changed, and which are no longer any: keys only
-- reads                fresh, indicator, current_effect
-- makes                changed_effect (indicator_no, index_key, content_hash and version to come), gone_effect (key and version of what goes)
CREATE OR REPLACE TEMP TABLE compared_effect AS
WITH hashed AS (
    SELECT f.indicator_no, f.index_key, effect_hash(
        i.core_task_id, f.subject_key, f.index_on, f.unit_id, f.resolves_on, f.decided_on, f.outcome, f.value, f.baseline,
        f.contributors, f.evidence, f.known_from
    ) AS content_hash
    FROM fresh f JOIN indicator i USING (indicator_no)
)
SELECT h.indicator_no, h.index_key, h.content_hash, c.indicator_id, c.indicator_version, c.index_key AS current_key, c.version, c.outcome
FROM hashed h FULL JOIN current_effect c ON c.indicator_no = h.indicator_no AND c.index_key = h.index_key
WHERE h.content_hash IS DISTINCT FROM c.content_hash;

CREATE OR REPLACE TEMP TABLE changed_effect AS
SELECT indicator_no, index_key, content_hash, coalesce(version, 0) + 1 AS version FROM compared_effect WHERE index_key IS NOT NULL;

CREATE OR REPLACE TEMP TABLE gone_effect AS
SELECT indicator_id, indicator_version, current_key AS index_key, version FROM compared_effect WHERE index_key IS NULL AND outcome <> 'withdrawn';

DROP TABLE compared_effect;
