-- scope_touched.sql  what the translation is shown after a batch: the subjects that it touched
-- reads              event, amended_event, effect, touched_subject
-- makes              temporary views scope_event, scope_amended_event, scope_effect
CREATE OR REPLACE TEMP VIEW scope_event AS SELECT e.* FROM event e SEMI JOIN touched_subject t USING (subject_key);
CREATE OR REPLACE TEMP VIEW scope_amended_event AS SELECT e.* FROM amended_event e SEMI JOIN touched_subject t USING (subject_key);
CREATE OR REPLACE TEMP VIEW scope_effect AS SELECT e.* FROM effect e SEMI JOIN touched_subject t USING (subject_key);
