-- admit_held.sql  rows of the history whose key arrives again
-- reads           arriving, event, correction
-- makes           held_row (row_id), held: one row per event, or per correction that sits in quarantine (row_id null)
-- why two steps   the probe of the whole history reads one fixed-width column; the texts are fetched for the few that were found
CREATE OR REPLACE TEMP TABLE held_row AS
SELECT e.rowid AS row_id FROM event e SEMI JOIN arriving a USING (event_key);

CREATE OR REPLACE TEMP TABLE held AS
SELECT e.rowid AS row_id, e.event_key, e.source, e.id, e.content_hash, e.recorded_at FROM event e
WHERE e.rowid IN (SELECT row_id FROM held_row)
UNION ALL
SELECT NULL, c.event_key, c.source, c.id, c.content_hash, c.recorded_at FROM correction c SEMI JOIN arriving a USING (event_key)
WHERE c.invalid;
