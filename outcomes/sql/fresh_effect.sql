-- fresh_effect.sql  the effect records of the touched subjects, as they stand now
-- reads             decision, indicator, index_event, milestone, standing_event, proof, contribution
-- makes             fresh_effect, columns of `effect` less version and batch; one row per indicator version and index event
--                   value     days from the index day to the deciding day
--                   evidence  the index event and its start, the event that decided and its start, and the starts and ends of the stretch of
--                             the state that the answer rests on, as far as they happened by the deciding day; sorted, each once
--                   Nearly every record rests on at most four events: these are sorted in place (`paired` to `sorted`), the others as a list
CREATE OR REPLACE TEMP TABLE fresh_effect AS
WITH index_detail AS (
    SELECT m.event_key, m.start_key, m.known_at, coalesce(m.unit, m.from_unit) AS unit_id, e.source, e.id, e.subject
    FROM milestone m
        SEMI JOIN index_event x ON x.index_key = m.event_key
        JOIN standing_event e ON e.event_key = m.event_key
),
rests_on AS (
    SELECT
        d.*, m.unit_id, m.source, m.id, m.subject,
        d.index_key AS k1, coalesce(m.start_key, d.index_key) AS k2, coalesce(d.decided_by, x.start_key, d.index_key) AS k3,
        coalesce(b.start_key, CASE WHEN x.end_on <= d.decided_on THEN x.end_key END, d.index_key) AS k4,
        greatest(
            m.known_at, b.known_at, x.start_known_at, CASE WHEN x.end_on <= d.decided_on THEN x.end_known_at END
        ) AS known_of_few,
        x.events, m.start_key AS index_start, m.known_at AS index_known_at
    FROM decision d
        JOIN index_detail m ON m.event_key = d.index_key
        LEFT JOIN (SELECT event_key, start_key, known_at FROM milestone) b ON b.event_key = d.decided_by
        LEFT JOIN proof x ON x.stretch_ref = d.stretch_ref AND x.subject_key = d.subject_key AND x.stretch_on = d.stretch_on
),
paired AS (
    SELECT *, least(k1, k2) AS a_low, greatest(k1, k2) AS a_high, least(k3, k4) AS b_low, greatest(k3, k4) AS b_high FROM rests_on
),
inner_pair AS (
    SELECT *, greatest(a_low, b_low) AS p, least(a_high, b_high) AS q, least(a_low, b_low) AS s1, greatest(a_high, b_high) AS s4 FROM paired
),
sorted AS (
    SELECT *, least(p, q) AS s2, greatest(p, q) AS s3 FROM inner_pair
)
SELECT
    i.indicator_id, i.indicator_version, i.core_task_id,
    r.index_key, r.source AS index_source, r.id AS index_id, r.subject, r.subject_key,
    r.index_on, r.unit_id, r.resolves_on, r.decided_on, r.outcome,
    CASE WHEN r.outcome <> 'unmeasured' THEN (r.decided_on - r.index_on)::DOUBLE END AS value,
    NULL::DOUBLE AS baseline,
    c.contributors,
    CASE
        WHEN r.events IS NOT NULL
            THEN list_sort(list_distinct([r.index_key, r.index_start] || [happened.key FOR happened IN r.events IF happened.on <= r.decided_on]))
        WHEN r.s1 = r.s4 THEN [r.s1]
        ELSE list_filter(
            [r.s1, CASE WHEN r.s2 > r.s1 THEN r.s2 END, CASE WHEN r.s3 > r.s2 THEN r.s3 END, CASE WHEN r.s4 > r.s3 THEN r.s4 END],
            lambda k: k IS NOT NULL
        )
    END AS evidence,
    CASE
        WHEN r.events IS NULL THEN r.known_of_few
        ELSE greatest(r.index_known_at, list_max([happened.known_at FOR happened IN r.events IF happened.on <= r.decided_on]))
    END AS known_from
FROM sorted r
    JOIN indicator i USING (indicator_no)
    LEFT JOIN contribution c ON c.indicator_no = r.indicator_no AND c.index_key = r.index_key;
