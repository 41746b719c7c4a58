-- fresh_effect.sql  the effect records of the touched subjects, as they stand now
-- reads             decision, indicator, index_event, milestone, proof, contribution
-- makes             fresh_effect, a view: columns of `effect` less content_hash, version and batch, and indicator_no; one row per indicator
--                   and index event, the keys of verdict. A view, so that a record goes from its answer into the store without a stop
--                   value     days from the index day to the deciding day
--                   evidence  the index event and its start, the event that decided and its start, and the starts and ends of the stretch of
--                             the state that the answer rests on, as far as they happened by the deciding day; sorted, each once
--                   Nearly every record rests on at most four events: these are sorted in place (`paired` to `sorted`), the others as a list
CREATE OR REPLACE TEMP VIEW fresh_effect AS
WITH index_detail AS (
    SELECT m.event_key, m.start_key, m.known_at, coalesce(m.unit, m.from_unit) AS unit_id, m.source, m.id, m.subject
    FROM milestone m SEMI JOIN index_event x ON x.index_key = m.event_key
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
    SELECT
        *, CASE WHEN k1 < k2 THEN k1 ELSE k2 END AS a_low, CASE WHEN k1 < k2 THEN k2 ELSE k1 END AS a_high,
        CASE WHEN k3 < k4 THEN k3 ELSE k4 END AS b_low, CASE WHEN k3 < k4 THEN k4 ELSE k3 END AS b_high
    FROM rests_on
),
inner_pair AS (
    SELECT
        *, CASE WHEN a_low > b_low THEN a_low ELSE b_low END AS p, CASE WHEN a_high < b_high THEN a_high ELSE b_high END AS q,
        CASE WHEN a_low > b_low THEN b_low ELSE a_low END AS s1, CASE WHEN a_high < b_high THEN b_high ELSE a_high END AS s4
    FROM paired
),
sorted AS (
    SELECT *, CASE WHEN p < q THEN p ELSE q END AS s2, CASE WHEN p < q THEN q ELSE p END AS s3 FROM inner_pair
)
SELECT
    r.indicator_no, i.indicator_id, i.indicator_version, i.core_task_id,
    r.index_key, r.source AS index_source, r.id AS index_id, r.subject, r.subject_key, r.index_on, r.unit_id, r.resolves_on, r.decided_on, r.outcome,
    CASE WHEN r.outcome <> 'unmeasured' THEN (r.decided_on - r.index_on)::DOUBLE END AS value,
    NULL::DOUBLE AS baseline,
    c.contributors,
    CASE
        WHEN r.events IS NOT NULL
            THEN list_sort(list_distinct([r.index_key, r.index_start] || [happened.key FOR happened IN r.events IF happened.on <= r.decided_on]))
        WHEN r.s1 = r.s4 THEN [r.s1]
        WHEN r.s1 < r.s2 AND r.s2 < r.s3 AND r.s3 < r.s4 THEN [r.s1, r.s2, r.s3, r.s4]
        WHEN r.s1 < r.s2 AND r.s2 < r.s3 THEN [r.s1, r.s2, r.s3]
        WHEN r.s1 < r.s2 AND r.s3 < r.s4 THEN [r.s1, r.s2, r.s4]
        WHEN r.s2 < r.s3 AND r.s3 < r.s4 THEN [r.s1, r.s3, r.s4]
        ELSE [r.s1, r.s4]
    END AS evidence,
    CASE
        WHEN r.events IS NULL THEN r.known_of_few
        ELSE greatest(r.index_known_at, list_max([happened.known_at FOR happened IN r.events IF happened.on <= r.decided_on]))
    END AS known_from
FROM sorted r
    JOIN indicator i USING (indicator_no)
    LEFT JOIN contribution c ON c.indicator_no = r.indicator_no AND c.index_key = r.index_key;
