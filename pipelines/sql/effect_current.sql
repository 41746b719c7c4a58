-- effect_current.sql  the newest version of every effect record of the subjects in scope
-- reads               scope_effect, indicator
-- makes               current_effect, a view: columns of effect, and indicator_no (null when the catalogue has the indicator no more)
-- A record can move to another subject by a correction; both subjects are touched then (and a rebuild sees all). The old one keeps a
-- withdrawn version, so the newest version among these rows is never one that moved away.
CREATE OR REPLACE TEMP TABLE revised_effect AS  -- most records have one version only
SELECT indicator_id, indicator_version, index_key, max(version) AS newest FROM scope_effect WHERE version > 1 GROUP BY ALL;

CREATE OR REPLACE TEMP VIEW current_effect AS
SELECT e.*, i.indicator_no
FROM scope_effect e
    LEFT JOIN revised_effect r USING (indicator_id, indicator_version, index_key)
    LEFT JOIN indicator i USING (indicator_id, indicator_version)
WHERE r.newest IS NULL OR e.version = r.newest;
