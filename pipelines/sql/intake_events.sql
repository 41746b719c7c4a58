-- intake_events.sql   the events of one type in the store's columns, but for their place (feed, part, offset)
-- reads     envelope (rows of that type only); one_type: the select of that type, compiled from the registry
-- grain     one row per event
-- Keys are md5_number_lower (the last eight bytes of the digest), written as a shift because that costs half.
WITH typed AS (
{{one_type}}
)
SELECT
    position,
    (md5_number(source || chr(31) || id) >> 64)::UBIGINT AS event_key,
    source, id,
    (md5_number(concat(
        type, chr(31), subject, chr(31), epoch_us(occurred_at), chr(31), epoch_us(recorded_at), chr(31), unit, chr(31), episode, chr(31),
        code, chr(31), value, chr(31), amount_ore, chr(31), fields, chr(31), attributes, chr(31), effort
    )) >> 64)::UBIGINT AS content_hash,
    type, subject,
    (md5_number(subject) >> 64)::UBIGINT AS subject_key,
    occurred_at,
    -- The zone has offsets between two bounds: where both give the same date, no calendar needs to be asked. Else the session's zone, which
    -- is the municipality's, gives it (a zone by name would be looked up for each row).
    CASE
        WHEN (occurred_at + INTERVAL ({{least_offset}}) SECOND)::DATE = (occurred_at + INTERVAL ({{greatest_offset}}) SECOND)::DATE
            THEN (occurred_at + INTERVAL ({{least_offset}}) SECOND)::DATE
        ELSE make_timestamptz(epoch_us(occurred_at))::DATE
    END AS occurred_on,
    recorded_at, unit, episode, code, value, amount_ore, fields, attributes, effort
FROM typed
