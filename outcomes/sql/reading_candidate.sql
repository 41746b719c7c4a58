-- reading_candidate.sql  the measurements that each asked-for number could be, with the order in which they are taken
-- reads                  measure_asked, measurement
-- makes                  reading_candidate, a view; the first of a role by (distance, early, other, turn, key_turn) is the one that counts.
--                        Closest: fewest days from `at`, then the earlier day, then the index event itself, then time and event key; first and
--                        last: by time, then event key. settled_on: the first day on which no other measurement can take its place
CREATE OR REPLACE TEMP VIEW reading_candidate AS
SELECT
    a.indicator_no, a.index_key, a.role, a.kind, m.event_key, m.occurred_on, m.occurred_at, m.known_at, m.value,
    CASE
        WHEN a.which = 'last' THEN a.to_on
        WHEN a.which = 'closest' AND m.occurred_on < a.at_on
            THEN greatest(m.occurred_on, least(a.to_on, a.at_on + (a.at_on - m.occurred_on - 1)::INTEGER))
        ELSE m.occurred_on
    END AS settled_on,
    CASE WHEN a.which = 'closest' THEN abs(m.occurred_on - a.at_on) END AS distance,
    CASE WHEN a.which = 'closest' THEN m.occurred_on END AS early,
    CASE WHEN a.which = 'closest' THEN m.event_key <> a.index_key END AS other,
    CASE WHEN a.which = 'last' THEN -epoch_us(m.occurred_at) ELSE epoch_us(m.occurred_at) END AS turn,
    CASE WHEN a.which = 'last' THEN 18446744073709551615::UBIGINT - m.event_key ELSE m.event_key END AS key_turn
FROM measure_asked a
    JOIN measurement m ON m.measure_no = a.measure_no AND m.subject_key = a.subject_key AND m.occurred_on BETWEEN a.from_on AND a.to_on;
