-- mart_doing.sql  events that outputs and amounts may count, as of a day, with where they were done
-- reads       src_event, placement
-- parameters  $as_of; $types event types
-- grain       one row per event. An ended event sees the fields of its episode's first start as from_*
CREATE TABLE doing AS
WITH happened AS (
    SELECT type, subject_key, coalesce(unit, '(unmatched)') AS unit_id, occurred_on, unit, episode, code, value, amount_ore, fields, attributes
    FROM src_event
    WHERE list_contains($types, type) AND occurred_on <= $as_of::DATE
)
SELECT
    happened.*,
    placement.placement,
    NULL::VARCHAR AS from_unit,
    NULL::VARCHAR AS from_episode,
    NULL::VARCHAR AS from_code,
    NULL::DOUBLE AS from_value,
    NULL::BIGINT AS from_amount_ore,
    NULL::VARCHAR AS from_fields,
    NULL::VARCHAR AS from_attributes
FROM happened
JOIN placement
    ON placement.unit_id = happened.unit_id AND happened.occurred_on >= placement.valid_from AND happened.occurred_on < placement.valid_to;
