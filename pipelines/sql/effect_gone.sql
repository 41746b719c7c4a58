-- effect_gone.sql  effect records whose index event no longer stands, or moved to another subject, or whose indicator the catalogue no longer has
-- reads            current_effect, verdict (keys of fresh_effect)
-- makes            gone_effect: key and version of what goes
CREATE OR REPLACE TEMP TABLE gone_effect AS
SELECT c.indicator_id, c.indicator_version, c.index_key, c.version
FROM current_effect c ANTI JOIN verdict v ON v.indicator_no = c.indicator_no AND v.index_key = c.index_key AND v.subject_key = c.subject_key
WHERE c.outcome <> 'withdrawn';
