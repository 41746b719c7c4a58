-- mart_event_alone.sql  standing events where nobody looks back to their episode's start: the fields of a start (from_*) are empty
-- reads   src_event
-- grain   one row per event
CREATE TEMP VIEW src_event_alone AS
SELECT
    *,
    NULL::VARCHAR AS from_unit,
    NULL::VARCHAR AS from_episode,
    NULL::VARCHAR AS from_code,
    NULL::DOUBLE AS from_value,
    NULL::BIGINT AS from_amount_ore,
    NULL::VARCHAR AS from_fields,
    NULL::VARCHAR AS from_attributes
FROM src_event;
