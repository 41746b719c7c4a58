-- compare_events.sql  events that one state of knowledge has and another has not
-- reads               kind_of, whole (the store), frontier_before, frontier_after (kind; recorded_at and batch up to which it was known, null: no limit)
-- grain               kind x event type, with the number of events
WITH told AS (
    SELECT kind_of(type) AS kind, type, recorded_at, batch FROM whole.event WHERE NOT starts_with(type, 'correction.')
    UNION ALL
    -- A correction that does not fit its target is no event, but may be one under the other knowledge.
    SELECT 'correction', type, recorded_at, batch FROM whole.correction
),
final AS (
    SELECT t.kind, t.type,
        coalesce(t.recorded_at <= b.recorded_at, true) AND coalesce(t.batch <= b.batch, true) AS known_before,
        coalesce(t.recorded_at <= a.recorded_at, true) AND coalesce(t.batch <= a.batch, true) AS known_after
    FROM told t JOIN frontier_before b USING (kind) JOIN frontier_after a USING (kind)
)
SELECT kind, type, count(*) AS n FROM final WHERE known_before <> known_after GROUP BY kind, type ORDER BY kind, type
