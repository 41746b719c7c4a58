-- baseline_reading.sql  the measurement that counts at baseline
-- reads                 reading_candidate
-- makes                 baseline_reading, at most one row per indicator and index event
CREATE OR REPLACE TEMP TABLE baseline_reading AS
SELECT indicator_no, index_key, event_key, occurred_at, known_at, value, settled_on
FROM reading_candidate
WHERE role = 'baseline' AND kind <> 'reduction'
QUALIFY row_number() OVER (PARTITION BY indicator_no, index_key ORDER BY distance, early, other, turn, key_turn) = 1;
