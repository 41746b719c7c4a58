-- follow_up_reading.sql  the measurement that counts at follow-up
-- reads                  reading_candidate, baseline_reading
-- makes                  follow_up_reading, at most one row per indicator and index event. Where a change is asked for, only what was
--                        measured after the baseline counts
CREATE OR REPLACE TEMP TABLE follow_up_reading AS
SELECT c.indicator_no, c.index_key, c.event_key, c.occurred_on, c.known_at, c.value, c.settled_on
FROM reading_candidate c
    LEFT JOIN baseline_reading b ON b.indicator_no = c.indicator_no AND b.index_key = c.index_key
WHERE c.role = 'follow_up' AND (
    c.kind = 'experienced'
    OR (c.kind = 'change' AND (c.occurred_at > b.occurred_at OR (c.occurred_at = b.occurred_at AND c.event_key > b.event_key)))
)
QUALIFY row_number() OVER (PARTITION BY c.indicator_no, c.index_key ORDER BY c.distance, c.early, c.other, c.turn, c.key_turn) = 1;
