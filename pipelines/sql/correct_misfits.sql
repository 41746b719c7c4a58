-- correct_misfits.sql  corrections whose replacement does not fit its target's type go to quarantine; those that fit now come back
-- reads                misfit (event_key, invalid), correction
-- parameters           none; the place of the correction stays its own
-- makes                moved_correction (feed, part, invalid): for the counters
CREATE OR REPLACE TEMP TABLE moved_correction AS
SELECT c.event_key, c.feed, c.part, m.invalid FROM correction c JOIN misfit m USING (event_key) WHERE c.invalid <> m.invalid;

INSERT INTO quarantine BY NAME
SELECT feed, part, "offset", batch, 'payload' AS class, '[{"field":"replacement","fault":"does not fit the type of its target"}]' AS faults,
    encode(raw_text) AS raw, sha256(raw_text) AS sha256, source, id, subject_key, event_key, content_hash, false AS retried
FROM (
    SELECT c.*, to_json(struct_pack("source" := c.source, "id" := c.id, "type" := c.type, "subject" := c.subject,
        "occurred_at" := c.occurred_at, "recorded_at" := c.recorded_at, "fields" := c.fields))::VARCHAR AS raw_text
    FROM correction c SEMI JOIN (SELECT event_key FROM moved_correction WHERE invalid) m USING (event_key)
);

DELETE FROM event WHERE event_key IN (SELECT event_key FROM moved_correction WHERE invalid);

INSERT INTO event BY NAME
SELECT c.* EXCLUDE (target_key, other_target_key, invalid) FROM correction c
    SEMI JOIN (SELECT event_key FROM moved_correction WHERE NOT invalid) m USING (event_key);

DELETE FROM quarantine WHERE class = 'payload' AND event_key IN (SELECT event_key FROM moved_correction WHERE NOT invalid);

UPDATE correction SET invalid = m.invalid FROM moved_correction m WHERE m.event_key = correction.event_key;
