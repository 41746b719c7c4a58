-- told.sql  the standing events that some indicator looks at, with what the register says of their type
-- reads     standing_event, touched_subject, event_reading
-- makes     told, one row per event
CREATE OR REPLACE TEMP TABLE told AS
SELECT
    e.event_key, e.subject_key, r.type_no, r.state_no, r.opens, r.closes, r.is_named, r.is_point, r.is_wanted,
    e.occurred_on, e.occurred_at, e.recorded_at, e.content_hash,
    e.unit, e.episode, e.code, e.value, e.amount_ore, e.fields, e.attributes
FROM standing_event e
    JOIN event_reading r USING (type)
    SEMI JOIN touched_subject t USING (subject_key);
