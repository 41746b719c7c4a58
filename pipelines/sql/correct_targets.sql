-- correct_targets.sql  the rows, as they came, of everything in the set
-- reads                affected, event, correction
-- makes                target_row: columns of event
CREATE OR REPLACE TEMP TABLE target_place AS
SELECT e.rowid AS row_id FROM event e SEMI JOIN affected a USING (event_key);

CREATE OR REPLACE TEMP TABLE target_row AS
SELECT e.* FROM event e WHERE e.rowid IN (SELECT row_id FROM target_place)
UNION ALL
SELECT c.* EXCLUDE (target_key, other_target_key, invalid) FROM correction c SEMI JOIN affected a USING (event_key) WHERE c.invalid;
