-- due.sql  the date in one field of the index events of one type; all together make the table `due`
-- reads    milestone
-- grain    one row per field and event that has a date there
SELECT /*no*/ 0::USMALLINT AS due_no, event_key AS index_key, TRY_CAST(/*field*/ '' AS DATE) AS due_on
FROM milestone
WHERE /*condition*/ true
