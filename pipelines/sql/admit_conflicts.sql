-- admit_conflicts.sql  losers of a conflict go to quarantine, each content once, as the minimal event that was kept of it
-- reads                arriving_row, refused, displaced
-- parameters           $batch
INSERT INTO quarantine BY NAME
WITH loser AS (
    SELECT a.* EXCLUDE (pos) FROM arriving_row a SEMI JOIN (SELECT pos FROM refused WHERE verdict = 'conflict') r USING (pos)
    UNION ALL BY NAME
    SELECT d.* EXCLUDE (batch) FROM displaced d
),
written AS (
    SELECT *, to_json(struct_pack(
        "source" := source, "id" := id, "type" := type, "subject" := subject, "occurred_at" := occurred_at, "occurred_on" := occurred_on,
        "recorded_at" := recorded_at, "unit" := unit, "episode" := episode, "code" := code, "value" := value, "amount_ore" := amount_ore,
        "fields" := fields, "attributes" := attributes, "effort" := effort))::VARCHAR AS raw_text
    FROM loser
)
SELECT feed, part, "offset", $batch AS batch, 'conflict' AS class,
    '[{"field":"id","fault":"conflict"}]' AS faults,
    encode(raw_text) AS raw, sha256(raw_text) AS sha256, source, id, subject_key, event_key, content_hash, false AS retried
FROM written
