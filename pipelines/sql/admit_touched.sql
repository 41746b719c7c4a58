-- admit_touched.sql  subjects whose timeline a batch changed
-- reads              arriving_row, refused, displaced, promoted, touching_type, looked_at
-- makes              touched_subject(subject_key), distinct
-- rule               what touches a subject is exactly what the translation is shown of it (timeline.sql), else the order of arrival would matter
CREATE OR REPLACE TEMP TABLE touched_subject AS
SELECT DISTINCT subject_key FROM (
    SELECT a.subject_key, a.type, a.effort, a.attributes FROM arriving_row a ANTI JOIN refused r USING (pos)
    UNION ALL SELECT subject_key, type, effort, attributes FROM displaced
    UNION ALL SELECT subject_key, type, effort, attributes FROM promoted
) e
WHERE e.type IN (SELECT type FROM touching_type) OR e.effort IS NOT NULL
    OR (e.attributes IS NOT NULL AND (SELECT reads_attributes FROM looked_at));
