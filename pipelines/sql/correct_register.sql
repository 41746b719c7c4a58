-- correct_register.sql  corrections that a batch brought, with what they point at; and the targets whose standing may have changed
-- reads                 arriving, refused, judged, promoted, erased_event, lost_target, new_correction, event, correction
-- makes                 changed_target (event_key): seeds of the resolution
CREATE OR REPLACE TEMP TABLE changed_target AS
WITH changed_event AS (
    SELECT a.event_key FROM arriving a ANTI JOIN refused r USING (pos)
    UNION ALL SELECT event_key FROM judged WHERE verdict = 'displaced'
    UNION ALL SELECT event_key FROM promoted
    UNION ALL SELECT event_key FROM erased_event
)
SELECT c.target_key AS event_key FROM correction c SEMI JOIN changed_event e ON e.event_key = c.target_key
UNION SELECT c.other_target_key FROM correction c SEMI JOIN changed_event e ON e.event_key = c.other_target_key
UNION SELECT c.target_key FROM correction c SEMI JOIN judged j ON j.event_key = c.event_key AND j.verdict = 'displaced'
UNION SELECT c.event_key FROM correction c SEMI JOIN changed_event e USING (event_key)
UNION SELECT target_key FROM lost_target;

DELETE FROM correction WHERE event_key IN (SELECT event_key FROM judged WHERE verdict = 'displaced');

INSERT INTO correction BY NAME
WITH brought AS (
    SELECT e.* FROM event e SEMI JOIN new_correction n USING (event_key)
),
read AS (
    SELECT *, json_extract_string(fields, '$.target_source') AS target_source, json_extract_string(fields, '$.target_id') AS target_id,
        json_extract_string(fields, '$.replacement.data.target_source') AS other_source,
        json_extract_string(fields, '$.replacement.data.target_id') AS other_id
    FROM brought
)
SELECT * EXCLUDE (target_source, target_id, other_source, other_id), md5_number_lower(target_source || chr(31) || target_id) AS target_key,
    md5_number_lower(other_source || chr(31) || other_id) AS other_target_key, false AS invalid
FROM read;

INSERT INTO changed_target
SELECT c.target_key FROM correction c SEMI JOIN new_correction n USING (event_key)
UNION SELECT c.event_key FROM correction c SEMI JOIN new_correction n USING (event_key);
