-- mart_doing.sql  events that outputs and amounts may count, as of a day, with where they were done
-- reads       src_event_alone, placement
-- parameters  $as_of; $types event types
-- grain       one row per event; from_* are empty: outputs and amounts are counted by their own event's fields
CREATE TABLE doing AS
WITH happened AS (
    SELECT
        type, subject_key, coalesce(unit, '(unmatched)') AS unit_id, occurred_on, unit, episode, code, value, amount_ore, fields, attributes,
        from_unit, from_episode, from_code, from_value, from_amount_ore, from_fields, from_attributes
    FROM src_event_alone
    WHERE list_contains($types, type) AND occurred_on <= $as_of::DATE
)
SELECT
    happened.*,
    placement.placement
FROM happened
JOIN placement
    ON placement.unit_id = happened.unit_id AND happened.occurred_on >= placement.valid_from AND happened.occurred_on < placement.valid_to;
