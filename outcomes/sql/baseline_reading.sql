-- baseline_reading.sql  the measurement that counts at baseline
-- reads                 measure_asked, measurement
-- makes                 baseline_reading, at most one row per indicator and index event; settled_on: the first day on which no other
--                       measurement can take its place. Closest: fewest days from `at`, then the earlier day, then the index event itself,
--                       then time and event key; first and last: by time, then event key
CREATE OR REPLACE TEMP TABLE baseline_reading AS
SELECT
    a.indicator_no, a.index_key, m.event_key, m.occurred_at, m.known_at, m.value,
    CASE
        WHEN a.which = 'last' THEN a.to_on
        WHEN a.which = 'closest' AND m.occurred_on < a.at_on
            THEN greatest(m.occurred_on, least(a.to_on, a.at_on + (a.at_on - m.occurred_on - 1)::INTEGER))
        ELSE m.occurred_on
    END AS settled_on
FROM measure_asked a
    JOIN measurement m ON m.measure_no = a.measure_no AND m.subject_key = a.subject_key AND m.occurred_on BETWEEN a.from_on AND a.to_on
WHERE a.role = 'baseline' AND a.kind <> 'reduction'
QUALIFY row_number() OVER (
    PARTITION BY a.indicator_no, a.index_key
    ORDER BY
        CASE WHEN a.which = 'closest' THEN abs(m.occurred_on - a.at_on) END,
        CASE WHEN a.which = 'closest' THEN m.occurred_on END,
        CASE WHEN a.which = 'closest' THEN m.event_key <> a.index_key END,
        CASE WHEN a.which = 'last' THEN m.occurred_at END DESC, CASE WHEN a.which = 'last' THEN m.event_key END DESC,
        m.occurred_at, m.event_key
) = 1;
