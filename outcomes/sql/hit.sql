-- hit.sql  the events that pass one filter of the catalogue; all filters together make the table `hit`
-- reads    milestone
-- grain    one row per filter and event
SELECT /*no*/ 0::USMALLINT AS filter_no, subject_key, event_key, occurred_on, occurred_at
FROM milestone
WHERE /*condition*/ true
