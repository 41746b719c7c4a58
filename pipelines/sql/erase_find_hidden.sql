-- erase_find_hidden.sql  corrections whose replacement says something about an erased subject: it names one, or names none and its target is gone
-- reads                  correction, erasure, erased_event
-- parameters             $outer, $inner: the two padded keys of HMAC-SHA256
-- makes                  hidden_correction (event_key, target_key)
CREATE OR REPLACE TEMP TABLE hidden_correction AS
WITH replacing AS (
    SELECT event_key, target_key, other_target_key, fields, json_extract_string(fields, '$.replacement.subject') AS new_subject
    FROM correction WHERE type = 'correction.event_replaced'
),
named AS (
    SELECT event_key, unnest(regexp_extract_all(fields, '(?:p:(?:[a-z0-9]{1,8}\.)?[0-9a-fA-F]{8,64}|[ch]:[A-Za-z0-9._:-]{1,198})')) AS subject
    FROM replacing
),
hidden AS (
    SELECT event_key FROM named
    WHERE sha256($outer::BLOB || unhex(sha256($inner::BLOB || encode(subject)))) IN (SELECT subject_hash FROM erasure)
    UNION
    SELECT event_key FROM replacing WHERE new_subject IS NULL AND target_key IN (SELECT event_key FROM erased_event)
)
SELECT r.event_key, r.target_key FROM replacing r SEMI JOIN hidden h USING (event_key)
