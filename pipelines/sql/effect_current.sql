-- effect_current.sql  the newest version of every effect record of the touched subjects
-- reads               effect, touched_subject
-- makes               current_effect
-- A record can move to another subject by a correction; both subjects are touched then, so the newest version is among these rows.
CREATE OR REPLACE TEMP TABLE current_effect AS
WITH newest AS (
    SELECT e.indicator_id, e.indicator_version, e.index_key, max(e.version) AS version
    FROM effect e SEMI JOIN touched_subject t USING (subject_key) GROUP BY ALL
)
SELECT e.* FROM effect e SEMI JOIN newest n USING (indicator_id, indicator_version, index_key, version);
