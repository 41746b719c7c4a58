-- admit_touched.sql  subjects whose timeline a batch changed
-- reads              arriving, refused, displaced, promoted, touching_type
-- makes              touched_subject(subject_key), distinct
CREATE OR REPLACE TEMP TABLE touched_subject AS
SELECT a.subject_key FROM arriving a SEMI JOIN touching_type t USING (type) ANTI JOIN refused r USING (pos)
UNION
SELECT d.subject_key FROM displaced d SEMI JOIN touching_type t USING (type)
UNION
SELECT p.subject_key FROM promoted p SEMI JOIN touching_type t USING (type);
