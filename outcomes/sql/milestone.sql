-- milestone.sql  what stands, in the words of an indicator's filters: an end sees its start's fields too (columns from_*)
-- reads          told, fallen, start_of
-- makes          milestone, one row per standing event. An end whose start was not seen is left out until the start comes, unless it is
--                also a point (education.completed); known_at is the latest recorded time of the event and its start
-- What an end's start says is looked up only where some condition asks for it (the mark).
-- Only the ends are written down, since they are joined to their starts; everything else is read where it stands in told.
CREATE OR REPLACE TEMP TABLE ended AS
SELECT
    t.event_key, t.subject_key, t.type_no, t.occurred_on, t.occurred_at, t.unit, t.episode, t.code, t.value, t.amount_ore, t.fields, t.attributes,
    t.source, t.id, t.subject,
    o.start_key, o.start_unit AS from_unit, s.code AS from_code, s.value AS from_value, s.amount_ore AS from_amount_ore,
    s.episode AS from_episode, s.fields AS from_fields, s.attributes AS from_attributes,
    CASE WHEN o.start_known_at > t.recorded_at THEN o.start_known_at ELSE t.recorded_at END AS known_at
FROM (SELECT * FROM told WHERE closes AND is_wanted) t
    ANTI JOIN fallen f USING (event_key)
    LEFT JOIN start_of o USING (event_key)
    LEFT JOIN (SELECT * FROM told WHERE opens AND /*reads_starts*/ true) s ON s.event_key = o.start_key
WHERE NOT t.is_named OR t.is_point OR o.start_key IS NOT NULL;

CREATE OR REPLACE TEMP VIEW milestone AS
FROM ended
UNION ALL
SELECT
    t.event_key, t.subject_key, t.type_no, t.occurred_on, t.occurred_at, t.unit, t.episode, t.code, t.value, t.amount_ore, t.fields, t.attributes,
    t.source, t.id, t.subject,
    NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, t.recorded_at
FROM told t ANTI JOIN fallen f USING (event_key)
WHERE NOT t.closes AND t.is_wanted;
