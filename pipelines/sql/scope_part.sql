-- scope_part.sql  what the translation is shown in a rebuild: one part of everybody, also those of whom only effect records are left
-- reads           event, amended_event, effect, rebuild_part (n_parts, part: one row)
-- makes           temporary views scope_event, scope_amended_event, scope_effect
CREATE OR REPLACE TEMP VIEW scope_event AS SELECT * FROM event WHERE subject_key % (SELECT n_parts FROM rebuild_part) = (SELECT part FROM rebuild_part);
CREATE OR REPLACE TEMP VIEW scope_amended_event AS
SELECT * FROM amended_event WHERE subject_key % (SELECT n_parts FROM rebuild_part) = (SELECT part FROM rebuild_part);
CREATE OR REPLACE TEMP VIEW scope_effect AS SELECT * FROM effect WHERE subject_key % (SELECT n_parts FROM rebuild_part) = (SELECT part FROM rebuild_part);
