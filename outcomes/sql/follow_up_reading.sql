-- follow_up_reading.sql  the measurement that counts at follow-up
-- reads                  measure_asked, measurement, baseline_reading
-- makes                  follow_up_reading, at most one row per indicator and index event, chosen as in baseline_reading.sql. Where a
--                        change is asked for, only what was measured after the baseline counts
CREATE OR REPLACE TEMP TABLE follow_up_reading AS
WITH asked AS (
    SELECT a.*, coalesce(b.occurred_at, TIMESTAMP '-infinity') AS after_at, coalesce(b.event_key, 0) AS after_key
    FROM measure_asked a LEFT JOIN baseline_reading b ON b.indicator_no = a.indicator_no AND b.index_key = a.index_key
    WHERE a.role = 'follow_up' AND (a.kind = 'experienced' OR (a.kind = 'change' AND b.index_key IS NOT NULL))
)
SELECT
    a.indicator_no, a.index_key, m.event_key, m.occurred_on, m.known_at, m.value,
    CASE
        WHEN a.which = 'last' THEN a.to_on
        WHEN a.which = 'closest' AND m.occurred_on < a.at_on
            THEN greatest(m.occurred_on, least(a.to_on, a.at_on + (a.at_on - m.occurred_on - 1)::INTEGER))
        ELSE m.occurred_on
    END AS settled_on
FROM asked a
    JOIN measurement m ON m.measure_no = a.measure_no AND m.subject_key = a.subject_key AND m.occurred_on BETWEEN a.from_on AND a.to_on
WHERE m.occurred_at > a.after_at OR (m.occurred_at = a.after_at AND m.event_key > a.after_key)
QUALIFY row_number() OVER (
    PARTITION BY a.indicator_no, a.index_key
    ORDER BY
        CASE WHEN a.which = 'closest' THEN abs(m.occurred_on - a.at_on) END,
        CASE WHEN a.which = 'closest' THEN m.occurred_on END,
        CASE WHEN a.which = 'closest' THEN m.event_key <> a.index_key END,
        CASE WHEN a.which = 'last' THEN m.occurred_at END DESC, CASE WHEN a.which = 'last' THEN m.event_key END DESC,
        m.occurred_at, m.event_key
) = 1;
