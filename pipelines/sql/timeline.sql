-- timeline.sql  what stands of the touched subjects: the only events that the translation sees
-- reads         event, amendment, amended_event, touched_subject, touching_type
-- makes         temporary standing_event, columns of event
CREATE OR REPLACE TEMP TABLE standing_event AS
SELECT e.* FROM store.event e
    SEMI JOIN touched_subject t USING (subject_key)
    SEMI JOIN touching_type y USING (type)
    ANTI JOIN amendment a ON a.target_key = e.event_key
UNION ALL
SELECT m.* FROM amended_event m
    SEMI JOIN touched_subject t USING (subject_key)
    SEMI JOIN touching_type y USING (type);
