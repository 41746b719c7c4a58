-- mart_output_chosen.sql  one output's events, counted
-- reads       doing, covered_subject (core task x subject with an effect record)
-- parameters  $output_no, $core_task_id, $grid, $minutes_types
INSERT INTO output_count BY NAME
SELECT
    $output_no AS output_no,
    doing.placement,
    period_start(doing.occurred_on, $grid) AS period_start,
    count(*) AS events,
    sum(TRY_CAST(CASE WHEN list_contains($minutes_types, doing.type) THEN doing.value END AS DECIMAL(18, 3))) AS minutes,
    sum(TRY_CAST(coalesce(doing.fields ->> '$.participants', doing.fields ->> '$.pupils') AS DECIMAL(18, 3))) AS participants,
    count(DISTINCT doing.subject_key) AS persons,
    count(covered_subject.subject_key) AS covered
FROM doing
LEFT JOIN covered_subject ON covered_subject.core_task_id = $core_task_id AND covered_subject.subject_key = doing.subject_key
WHERE /*chosen*/ true
GROUP BY ALL;
