-- mart_output_by_unit.sql
-- reads       output_count, output_kind (output_no -> id, core task, event types), placement
-- parameters  $grid, $k
-- grain       unit x output x core task x period; units as the events name them, without their parents
INSERT INTO mart.output_by_unit BY NAME
WITH counted AS (
    SELECT
        placement.unit_id, output_no, period_start,
        sum(events)::BIGINT AS events,
        sum(minutes)::DOUBLE AS minutes,
        round(sum(participants))::BIGINT AS participants,
        sum(persons)::BIGINT AS persons
    FROM output_count
    JOIN placement USING (placement)
    GROUP BY ALL
),
judged_output AS (
    SELECT
        *,
        is_small(events, $k) OR is_small(greatest(persons, coalesce(participants, 0)), $k) AS is_hidden,
        is_small(participants, $k) AS hides_participants
    FROM counted
)
SELECT
    unit_id,
    core_task_id,
    output_id,
    event_type,
    period_label(period_start, $grid) AS period,
    period_start,
    period_end(period_start, $grid) AS period_end,
    CASE WHEN NOT is_hidden THEN events END AS events,
    CASE WHEN NOT is_hidden THEN minutes END AS minutes,
    CASE WHEN NOT is_hidden AND NOT coalesce(hides_participants, false) THEN participants END AS participants,
    CASE WHEN is_hidden THEN 'suppressed' ELSE 'final' END AS state,
    CASE
        WHEN is_hidden THEN 'fewer than ' || $k || ' persons or events behind the figure'
        WHEN hides_participants THEN 'participants below ' || $k || ' are hidden'
    END AS reason
FROM judged_output
JOIN output_kind USING (output_no)
ORDER BY core_task_id NULLS LAST, output_id, unit_id, period_start NULLS FIRST;
