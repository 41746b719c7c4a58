-- timeline.sql  what stands of the subjects in scope: the only events that the translation sees
-- reads         scope_event, scope_amended_event, amendment, touching_type, looked_at
-- makes         temporary view standing_event, columns of event. A view: the translation reads it once, and only the columns that it needs
CREATE OR REPLACE TEMP VIEW standing_event AS
SELECT e.* FROM scope_event e ANTI JOIN amendment a ON a.target_key = e.event_key
WHERE e.type IN (SELECT type FROM touching_type) OR e.effort IS NOT NULL
    OR (e.attributes IS NOT NULL AND (SELECT reads_attributes FROM looked_at))
UNION ALL
SELECT m.* FROM scope_amended_event m
WHERE m.type IN (SELECT type FROM touching_type) OR m.effort IS NOT NULL
    OR (m.attributes IS NOT NULL AND (SELECT reads_attributes FROM looked_at));
