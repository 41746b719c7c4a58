-- erase_promote.sql  losers of conflicts that an erased event had won: the best of what is left stands now
-- reads              erased_event, quarantine
-- makes              promoted: columns of event less batch, and row_id of the quarantine row that it leaves
CREATE OR REPLACE TEMP TABLE promoted AS
WITH loser AS (
    SELECT q.rowid AS row_id, q.event_key, q.content_hash, q.subject_key, q.feed, q.part, q."offset",
        from_json(decode(q.raw), '{"source":"VARCHAR","id":"VARCHAR","type":"VARCHAR","subject":"VARCHAR","occurred_at":"TIMESTAMP",
            "occurred_on":"DATE","recorded_at":"TIMESTAMP","unit":"VARCHAR","episode":"VARCHAR","code":"VARCHAR","value":"DOUBLE",
            "amount_ore":"BIGINT","fields":"VARCHAR","attributes":"VARCHAR","effort":"VARCHAR"}') AS kept
    FROM quarantine q
    WHERE q.class = 'conflict' AND NOT q.retried AND q.event_key IN (SELECT event_key FROM erased_event)
),
best AS (
    SELECT * FROM loser
    QUALIFY row_number() OVER (PARTITION BY event_key ORDER BY kept.recorded_at, content_hash) = 1
)
SELECT event_key, kept.source AS source, kept.id AS id, content_hash, kept.type AS type, kept.subject AS subject, subject_key,
    kept.occurred_at AS occurred_at, kept.occurred_on AS occurred_on, kept.recorded_at AS recorded_at, kept.unit AS unit,
    kept.episode AS episode, kept.code AS code, kept."value" AS "value", kept.amount_ore AS amount_ore, kept.fields AS fields,
    kept.attributes AS attributes, kept.effort AS effort, feed, part, "offset", row_id
FROM best;

DELETE FROM quarantine WHERE rowid IN (SELECT row_id FROM promoted);
