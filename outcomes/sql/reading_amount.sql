-- reading_amount.sql  what was granted per week on the index day and on the day of the follow-up
-- reads               measure_asked, measurement
-- makes               more rows of reading. An amount of a service holds until the next of the same; several services are summed, as
--                     decimals so that no order of rows changes a digit. Nothing granted by the index day: nothing to compare with
INSERT INTO reading BY NAME
WITH asked AS (
    SELECT
        indicator_no, subject_key, index_key, index_on, horizon_on, role, measure_no,
        CASE which WHEN 'first' THEN from_on WHEN 'last' THEN to_on ELSE at_on END AS day_on
    FROM measure_asked
    WHERE kind = 'reduction'
),
holding AS (
    SELECT a.indicator_no, a.index_key, a.role, m.event_key, m.known_at, m.value
    FROM asked a JOIN measurement m ON m.measure_no = a.measure_no AND m.subject_key = a.subject_key AND m.occurred_on <= a.day_on
    QUALIFY row_number() OVER (
        PARTITION BY a.indicator_no, a.index_key, a.role, m.series ORDER BY m.occurred_at DESC, m.event_key DESC
    ) = 1
),
summed AS (
    SELECT
        indicator_no, index_key,
        (sum(value::DECIMAL(38, 9)) FILTER (WHERE role = 'baseline'))::DOUBLE AS baseline,
        (sum(value::DECIMAL(38, 9)) FILTER (WHERE role = 'follow_up'))::DOUBLE AS score,
        list(event_key) FILTER (WHERE role = 'baseline') AS baseline_keys, max(known_at) FILTER (WHERE role = 'baseline') AS baseline_known_at,
        list(event_key) FILTER (WHERE role = 'follow_up') AS score_keys, max(known_at) FILTER (WHERE role = 'follow_up') AS score_known_at
    FROM holding
    GROUP BY indicator_no, index_key
)
SELECT
    a.indicator_no, a.subject_key, a.index_key, a.index_on, a.horizon_on, s.baseline, CASE WHEN s.baseline IS NOT NULL THEN s.score END AS score, s.baseline IS NOT NULL AS is_told,
    CASE WHEN s.baseline IS NULL THEN a.index_on ELSE a.day_on END AS decided_on,
    CASE WHEN s.baseline IS NOT NULL THEN a.day_on END AS last_mark_on,
    coalesce(s.baseline_keys, []) AS baseline_keys, s.baseline_known_at,
    CASE WHEN s.baseline IS NULL THEN [] ELSE s.score_keys END AS score_keys,
    CASE WHEN s.baseline IS NOT NULL THEN s.score_known_at END AS score_known_at
FROM asked a LEFT JOIN summed s ON s.indicator_no = a.indicator_no AND s.index_key = a.index_key
WHERE a.role = 'follow_up';
