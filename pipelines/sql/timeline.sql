-- timeline.sql  what stands of the touched subjects: the only events that the translation sees
-- reads         event, amendment, amended_event, touched_subject, touching_type, looked_at
-- makes         temporary standing_event, columns of event
CREATE OR REPLACE TEMP TABLE standing_event AS
SELECT e.* FROM event e
    SEMI JOIN touched_subject t USING (subject_key)
    ANTI JOIN amendment a ON a.target_key = e.event_key
WHERE e.type IN (SELECT type FROM touching_type) OR e.effort IS NOT NULL
    OR (e.attributes IS NOT NULL AND (SELECT reads_attributes FROM looked_at))
UNION ALL
SELECT m.* FROM amended_event m
    SEMI JOIN touched_subject t USING (subject_key)
WHERE m.type IN (SELECT type FROM touching_type) OR m.effort IS NOT NULL
    OR (m.attributes IS NOT NULL AND (SELECT reads_attributes FROM looked_at));
