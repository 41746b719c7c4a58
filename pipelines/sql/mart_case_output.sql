-- mart_case_output.sql  what units did with the citizen while the case lasted: outputs of one core task, index day to deciding day
-- reads       case_of, doing
-- parameters  $core_task_id; $minutes_types event types whose value is minutes
-- The outputs are those that the core task declares; where it declares none, every output event counts.
INSERT INTO case_effort BY NAME
SELECT
    case_of.case_no,
    doing.unit_id,
    sum(CASE WHEN list_contains($minutes_types, doing.type) THEN TRY_CAST(doing.value AS DECIMAL(38, 9)) END) AS minutes
FROM doing
JOIN case_of
    ON case_of.subject_key = doing.subject_key AND doing.occurred_on BETWEEN case_of.index_on AND case_of.decided_on
WHERE case_of.core_task_id = $core_task_id AND doing.unit_id <> '(unmatched)' AND (/*chosen*/ true)
GROUP BY ALL;
