-- measurement.sql  the events that state one measure of the catalogue as a number; all measures together make the table `measurement`
-- reads            milestone
-- grain            one row per measure and event; series: amounts of one service go on until the next of the same
SELECT
    /*no*/ 0::USMALLINT AS measure_no, subject_key, event_key, occurred_on, occurred_at, known_at, coalesce(code, '') AS series,
    (/*number*/ 0)::DOUBLE AS value
FROM milestone
WHERE /*condition*/ true
