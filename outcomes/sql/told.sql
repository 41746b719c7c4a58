-- told.sql  the standing events of the touched subjects, with what the register says of their type
-- reads     standing_event, event_reading
-- makes     told, one row per event: those that some indicator looks at (type_no), and those that only carry effort or attributes (type_no null)
--           The history is read once, here; a text that the catalogue never asks for is not read at all (the marks), and identity only of events
--           that an effect can be counted from.
CREATE OR REPLACE TEMP TABLE told AS
SELECT
    e.event_key, e.subject_key, r.type_no, r.state_no, r.opens, r.closes, r.is_named, r.is_point, r.is_wanted,
    e.occurred_on, e.occurred_at, e.recorded_at, e.content_hash,
    e.unit, e.episode, e.code, e.value,
    CASE WHEN /*reads_amounts*/ true THEN e.amount_ore END AS amount_ore,
    CASE WHEN /*reads_fields*/ true THEN e.fields END AS fields,
    CASE WHEN /*reads_attributes*/ true THEN e.attributes END AS attributes,
    e.effort,
    CASE WHEN r.is_index THEN e.source END AS source,
    CASE WHEN r.is_index THEN e.id END AS id,
    CASE WHEN r.is_index THEN e.subject END AS subject
FROM standing_event e
    JOIN event_reading r USING (type)
UNION ALL BY NAME
SELECT
    e.event_key, e.subject_key, e.occurred_on, e.occurred_at, e.recorded_at, e.content_hash,
    CASE WHEN /*reads_attributes*/ true THEN e.attributes END AS attributes,
    e.effort
FROM standing_event e
WHERE e.type NOT IN (SELECT type FROM event_reading) AND (e.effort IS NOT NULL OR (/*reads_attributes*/ true AND e.attributes IS NOT NULL));
