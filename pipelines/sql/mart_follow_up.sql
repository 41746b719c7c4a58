-- mart_follow_up.sql  ends of follow-up, counted before they are spread over ancestors and cohorts
-- reads   record
-- grain   one row per position, placement, period_start, time, ending
CREATE TABLE follow_up AS
SELECT position, placement, period_start, time, ending, count(*) AS n, bool_or(in_full) AS in_full
FROM record
WHERE observed
GROUP BY ALL;
