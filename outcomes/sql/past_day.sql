-- past_day.sql  days on which events that a population asks for happened: the last of the day, and the one before it
-- reads         hit, past_filter
-- makes         past_day, one row per filter, subject and day
CREATE OR REPLACE TEMP TABLE past_day AS
SELECT
    filter_no, subject_key, occurred_on AS past_on, event_key AS past_key,
    lag(occurred_on) OVER w AS earlier_on
FROM hit SEMI JOIN past_filter USING (filter_no)
WINDOW w AS (PARTITION BY filter_no, subject_key ORDER BY occurred_on, occurred_at, event_key)
QUALIFY lead(occurred_on) OVER w IS DISTINCT FROM occurred_on;
