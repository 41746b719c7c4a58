-- intake_cut_out.sql   the events of one type whose values were cut out of records in a known layout (pipelines/intake_placing.py)
-- reads     cut_out_<type number>: position, ce_* of the envelope, the data fields by name, piece_* of attributes that are not in order
-- grain     one row per record that fulfils all rules
-- That the record is JSON, has no other content, nothing that looks like a personal number, and times that are times is known before.
SELECT {{selected}}
FROM (
    SELECT
        *, ce_id AS id, ce_source AS source, ce_subject AS subject, {{subject_kind}} AS subject_kind,
        ce_time AS occurred_at, {{recorded_at}} AS recorded_at
    FROM {{cut_out}}
) AS d
WHERE strlen(id) > 0 AND length(id) <= 200
  AND strlen(source) > 0 AND length(source) <= 200
  AND {{subject}}
  AND {{payload}}
