-- admit_displaced.sql  rows of the history that an earlier recorded content takes the place of
-- reads                judged, event
-- makes                displaced: whole event rows
CREATE OR REPLACE TEMP TABLE displaced AS
SELECT e.* FROM event e WHERE e.rowid IN (SELECT row_id FROM judged WHERE verdict = 'displaced' AND row_id IS NOT NULL);

DELETE FROM event WHERE rowid IN (SELECT row_id FROM judged WHERE verdict = 'displaced' AND row_id IS NOT NULL);
