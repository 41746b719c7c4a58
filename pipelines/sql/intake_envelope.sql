-- intake_envelope.sql   the CloudEvents of a batch taken apart, one row each of a known type
-- reads     incoming (position, raw: JSON text or null), known_type
-- grain     one row per record that is accepted so far: times in UTC, data as minimal JSON text
-- condition  the rules of intake_envelope_rules.sql, or true for records that were checked already
-- Each record's text is parsed twice (is it JSON; take apart), its data once more by type. Everything else works on the pieces.
WITH taken_apart AS (
    SELECT
        position, raw,
        CASE WHEN json_valid(raw) THEN
            from_json(raw, '{"specversion":"JSON","id":"JSON","source":"JSON","type":"JSON","subject":"JSON","time":"JSON","recordedtime":"JSON","datacontenttype":"JSON","dataschema":"JSON","data":"JSON"}')
        END AS e
    FROM incoming
),
known AS (
    SELECT
        position, raw, e.data AS data, known_type.type_number, known_type.subject_kind,
        e.subject AS subject_json, e.id AS id_json, e.source AS source_json, e.time AS time_json, e.recordedtime AS recordedtime_json,
        e.specversion AS specversion_json, e.datacontenttype AS datacontenttype_json, e.dataschema AS dataschema_json, e.type AS type_json,
        e.source ->> '$' AS source, e.id ->> '$' AS id, e.subject ->> '$' AS subject,
        make_timestamp(epoch_us(TRY_CAST(e.time ->> '$' AS TIMESTAMPTZ))) AS occurred_at,
        make_timestamp(epoch_us(TRY_CAST(e.recordedtime ->> '$' AS TIMESTAMPTZ))) AS own_recorded_at
    FROM taken_apart
    JOIN known_type ON known_type.wire = e.type
)
SELECT position, type_number, source, id, subject, occurred_at, coalesce(own_recorded_at, occurred_at) AS recorded_at, data::VARCHAR AS data
FROM known
WHERE {{condition}}
