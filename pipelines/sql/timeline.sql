-- timeline.sql  what stands of the subjects in scope: the only events that the translation sees
-- reads         scope_event, scope_amended_event, amendment
-- makes         temporary view standing_event, columns of event. A view: the translation reads it once, and takes only what it looks at
CREATE OR REPLACE TEMP VIEW standing_event AS
SELECT e.* FROM scope_event e ANTI JOIN amendment a ON a.target_key = e.event_key
UNION ALL
SELECT m.* FROM scope_amended_event m;
