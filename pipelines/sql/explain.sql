-- explain.sql  the current effect records behind a figure, each with the events that it rests on
-- reads        effect, event, amended_event, amendment
-- parameters   $indicator, $unit (`(all)`: any), $first, $last: index days
-- grain        one row per effect record, evidence as a list in order of time
WITH record AS (
    SELECT * FROM effect
    WHERE indicator_id = $indicator
    QUALIFY row_number() OVER (PARTITION BY indicator_version, index_key ORDER BY version DESC) = 1
),
wanted AS (
    SELECT * FROM record
    WHERE outcome <> 'withdrawn' AND ($unit = '(all)' OR unit_id = $unit) AND index_on BETWEEN $first AND $last
),
proof AS (
    SELECT indicator_version, index_key, unnest(evidence) AS event_key FROM wanted
),
told AS (
    SELECT event_key, source, id, type, occurred_on, recorded_at, unit, code, "value", feed, part, "offset", false AS corrected
    FROM event WHERE event_key IN (SELECT event_key FROM proof) AND event_key NOT IN (SELECT target_key FROM amendment)
    UNION ALL
    SELECT event_key, source, id, type, occurred_on, recorded_at, unit, code, "value", feed, part, "offset", true
    FROM amended_event WHERE event_key IN (SELECT event_key FROM proof)
),
listed AS (
    SELECT p.indicator_version, p.index_key, list(struct_pack(
        "source" := t.source, "id" := t.id, "type" := t.type, "occurred_on" := t.occurred_on, "recorded_at" := t.recorded_at, "unit" := t.unit,
        "code" := t.code, "value" := t."value", "corrected" := t.corrected, "feed" := t.feed, "part" := t.part, "offset" := t."offset")
        ORDER BY t.occurred_on, t.recorded_at, t.event_key) AS evidence
    FROM proof p JOIN told t USING (event_key) GROUP BY ALL
)
SELECT w.subject, w.indicator_version, w.index_on, w.unit_id, w.outcome, w.decided_on, w.resolves_on, w.known_from, w.version,
    coalesce(l.evidence, []) AS evidence
FROM wanted w LEFT JOIN listed l USING (indicator_version, index_key)
ORDER BY w.index_on, w.subject, w.index_key
