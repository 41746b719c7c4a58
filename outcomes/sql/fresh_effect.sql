-- fresh_effect.sql  the effect records of the touched subjects, as they stand now
-- reads             decision, indicator, milestone, standing_event, proof, contribution
-- makes             fresh_effect, columns of `effect` less version and batch; one row per indicator version and index event
--                   value     days from the index day to the deciding day
--                   evidence  the index event and its start, the event that decided and its start, and the starts and ends of the stretch of
--                             the state that the answer rests on, as far as they happened by the deciding day
CREATE OR REPLACE TEMP TABLE fresh_effect AS
WITH rests_on AS (
    SELECT
        d.*, m.unit, m.from_unit, m.start_key, m.known_at, b.start_key AS decided_by_start, b.known_at AS decided_by_known_at,
        [p.key FOR p IN x.events IF p.on <= d.decided_on] AS proof_keys,
        list_max([p.known_at FOR p IN x.events IF p.on <= d.decided_on]) AS proof_known_at
    FROM decision d
        JOIN milestone m ON m.event_key = d.index_key
        LEFT JOIN milestone b ON b.event_key = d.decided_by
        LEFT JOIN proof x ON x.stretch_ref = d.stretch_ref AND x.subject_key = d.subject_key AND x.stretch_on = d.stretch_on
)
SELECT
    i.indicator_id, i.indicator_version, i.core_task_id,
    r.index_key, e.source AS index_source, e.id AS index_id, e.subject, r.subject_key,
    r.index_on, coalesce(r.unit, r.from_unit) AS unit_id, r.resolves_on, r.decided_on, r.outcome,
    CASE WHEN r.outcome <> 'unmeasured' THEN (r.decided_on - r.index_on)::DOUBLE END AS value,
    NULL::DOUBLE AS baseline,
    c.contributors,
    list_sort(list_distinct([r.index_key, r.start_key, r.decided_by, r.decided_by_start] || coalesce(r.proof_keys, []))) AS evidence,
    greatest(r.known_at, r.decided_by_known_at, r.proof_known_at) AS known_from
FROM rests_on r
    JOIN indicator i USING (indicator_no)
    JOIN standing_event e ON e.event_key = r.index_key
    LEFT JOIN contribution c ON c.indicator_no = r.indicator_no AND c.index_key = r.index_key;
