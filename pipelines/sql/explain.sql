-- explain.sql  one stretch of the records behind a figure, each with the events that it rests on
-- reads        explained, store.event, store.amended_event, store.amendment
-- parameters   $limit, $offset: of the records in order of index day
-- grain        one row per effect record, evidence as a list in order of time
WITH wanted AS (
    SELECT * FROM explained WHERE place >= $offset AND place < $offset + $limit
),
proof AS (
    SELECT place, unnest(evidence) AS event_key FROM wanted
),
told AS (
    SELECT event_key, source, id, type, occurred_on, recorded_at, unit, code, "value", feed, part, "offset", false AS corrected
    FROM store.event WHERE event_key IN (SELECT event_key FROM proof) AND event_key NOT IN (SELECT target_key FROM store.amendment)
    UNION ALL
    SELECT event_key, source, id, type, occurred_on, recorded_at, unit, code, "value", feed, part, "offset", true
    FROM store.amended_event WHERE event_key IN (SELECT event_key FROM proof)
),
listed AS (
    SELECT p.place, list(struct_pack(
        "source" := t.source, "id" := t.id, "type" := t.type, "occurred_on" := t.occurred_on, "recorded_at" := t.recorded_at, "unit" := t.unit,
        "code" := t.code, "value" := t."value", "corrected" := t.corrected, "feed" := t.feed, "part" := t.part, "offset" := t."offset")
        ORDER BY t.occurred_on, t.recorded_at, t.event_key) AS evidence
    FROM proof p JOIN told t USING (event_key) GROUP BY ALL
)
SELECT w.subject, w.indicator_version, w.index_on, w.unit_id, w.class, w.outcome, w.decided_on, w.resolves_on, w.known_from, w.version,
    coalesce(l.evidence, []) AS evidence
FROM wanted w LEFT JOIN listed l USING (place)
ORDER BY w.place
