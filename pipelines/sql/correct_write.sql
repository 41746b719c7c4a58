-- correct_write.sql  what stands of the set, written anew, and the subjects that it concerns before and after
-- reads              affected, resolved (target_key, verdict, correction_key, recorded_at, row_no), amended_row (row_no and columns of event),
--                    target_row, correction, touching_type, looked_at
-- makes              amendment, amended_event, touched_subject
INSERT INTO touched_subject
SELECT subject_key FROM (
    SELECT subject_key, type, effort, attributes FROM amended_event WHERE event_key IN (SELECT event_key FROM affected)
    UNION ALL SELECT subject_key, type, effort, attributes FROM target_row
    UNION ALL SELECT subject_key, type, effort, attributes FROM amended_row
) e
WHERE (e.type IN (SELECT type FROM touching_type) OR e.effort IS NOT NULL
        OR (e.attributes IS NOT NULL AND (SELECT reads_attributes FROM looked_at)))
    AND subject_key NOT IN (SELECT subject_key FROM touched_subject)
GROUP BY subject_key;

DELETE FROM amendment WHERE target_key IN (SELECT event_key FROM affected);
DELETE FROM amended_event WHERE event_key IN (SELECT event_key FROM affected);

INSERT INTO amendment BY NAME
SELECT r.target_key, t.source AS target_source, t.id AS target_id, r.verdict, r.correction_key, r.recorded_at
FROM resolved r JOIN target_row t ON t.event_key = r.target_key;

INSERT INTO amended_event BY NAME
SELECT m.* EXCLUDE (row_no) REPLACE (
        t.event_key AS event_key, t.source AS source, t.id AS id, r.recorded_at AS recorded_at,
        c.feed AS feed, c.part AS part, c."offset" AS "offset"),
    c.batch AS batch
FROM resolved r
    JOIN amended_row m USING (row_no)
    JOIN target_row t ON t.event_key = r.target_key
    JOIN correction c ON c.event_key = r.correction_key;
