-- mart_contrast_known.sql  what was known of each record's subject at the index: the index event's own value, else the newest told until then
-- reads       contrast_candidate, src_event
-- parameters  $attributes names; $pointers their places in the JSON object
-- grain       one row per index event of whom something was known; attributes is a JSON object of texts
CREATE OR REPLACE TEMP TABLE contrast_known AS
WITH told AS (
    SELECT
        candidate.index_key, asked.attribute, json_extract_string(event.attributes, asked.pointer) AS value,
        event.event_key, event.occurred_at, event.recorded_at, event.content_hash
    FROM contrast_candidate AS candidate
    JOIN src_event AS event
        ON event.subject_key = candidate.subject_key AND event.occurred_on <= candidate.index_on AND event.attributes IS NOT NULL
    CROSS JOIN (SELECT unnest($attributes::VARCHAR[]) AS attribute, unnest($pointers::VARCHAR[]) AS pointer) AS asked
),
newest AS (
    SELECT index_key, attribute, value
    FROM told
    WHERE value IS NOT NULL
    QUALIFY row_number() OVER (
        PARTITION BY index_key, attribute
        ORDER BY event_key = index_key DESC, occurred_at DESC, recorded_at DESC, content_hash DESC, event_key DESC
    ) = 1
)
SELECT index_key, json_group_object(attribute, value) AS attributes
FROM newest
GROUP BY index_key;
