-- money_basis_output.sql  one output as a key counts it
-- reads       doing, cost_pool (its periods)
-- parameters  $key_no, $core_task_id, $minutes_types, $measure, $k
-- grain       one row per period and placement
-- Fewer than k persons or events count as nothing, so that the money that follows them tells nothing of them. Thousandths are kept, in whole numbers.
INSERT INTO cost_basis BY NAME
WITH period AS (
    SELECT DISTINCT period_from, period_to FROM cost_pool
),
counted AS (
    SELECT
        period.period_from, doing.placement,
        count(*) AS events,
        count(DISTINCT doing.subject_key) AS persons,
        sum(TRY_CAST(CASE WHEN list_contains($minutes_types, doing.type) THEN doing.value END AS DECIMAL(18, 3))) AS minutes,
        sum(TRY_CAST(coalesce(doing.fields ->> '$.participants', doing.fields ->> '$.pupils') AS DECIMAL(18, 3))) AS participants
    FROM doing
    JOIN period ON doing.occurred_on BETWEEN period.period_from AND period.period_to
    WHERE (/*chosen*/ true)
    GROUP BY ALL
)
SELECT
    $key_no AS key_no, period_from, placement, $core_task_id AS core_task_id,
    (1000 * CASE $measure WHEN 'minutes' THEN minutes WHEN 'participants' THEN participants ELSE events END)::HUGEINT AS basis
FROM counted
WHERE NOT is_small(events, $k) AND NOT is_small(greatest(persons, coalesce(participants, 0)), $k);
