-- known_copy.sql  what of a store was known: events and corrections up to a frontier each, the conflicts among them, and the store's own settings
-- reads           kind_of, whole (the store), frontier (kind event | correction | organisation | ledger; recorded_at and batch up to which it was known,
--                 null: no limit)
-- left out        offsets, counts of records and dropped fields: they count records as they arrive, and no record of an arrival says when it was known
INSERT INTO store.meta FROM whole.meta;
INSERT INTO store.erasure FROM whole.erasure;
INSERT INTO store.batch FROM whole.batch WHERE batch <= coalesce((SELECT max(batch) FROM frontier HAVING count(batch) = count(*)), batch);

INSERT INTO store.event
SELECT e.* FROM whole.event e JOIN frontier f ON f.kind = kind_of(e.type)
WHERE (f.recorded_at IS NULL OR e.recorded_at <= f.recorded_at) AND (f.batch IS NULL OR e.batch <= f.batch);

INSERT INTO store.correction
SELECT c.* FROM whole.correction c JOIN frontier f ON f.kind = 'correction'
WHERE (f.recorded_at IS NULL OR c.recorded_at <= f.recorded_at) AND (f.batch IS NULL OR c.batch <= f.batch);

-- Of two contents under one id the one recorded first stands, so whoever stands among those known by an instant is the one that stands at last:
-- only what lost to it is counted anew, by the instant that its kept text tells.
-- Only what lost is read as text: other rejected bytes need not be any.
INSERT INTO store.quarantine
WITH lost AS (
    SELECT q.rowid AS row_id, q.batch, CASE WHEN q.class = 'conflict' AND NOT q.retried THEN decode(q.raw) END AS told FROM whole.quarantine q
),
known AS (
    SELECT l.row_id FROM lost l JOIN frontier f ON f.kind = kind_of(coalesce(json_extract_string(l.told, '$.type'), ''))
    WHERE l.told IS NOT NULL
        AND (f.recorded_at IS NULL OR TRY_CAST(json_extract_string(l.told, '$.recorded_at') AS TIMESTAMP) <= f.recorded_at)
        AND (f.batch IS NULL OR l.batch <= f.batch)
)
SELECT q.* FROM whole.quarantine q WHERE q.rowid IN (SELECT row_id FROM known);
