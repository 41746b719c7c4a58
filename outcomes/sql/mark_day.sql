-- mark_day.sql  days on which events of a set of filters (targets, competing or censoring events) happened to a subject
-- reads         hit, mark_filter
-- makes         mark_day, one row per set, subject and day: its first event, and the one that follows (on the same day or later), which counts
--               where the first is the index event itself
-- Most subjects have one event of a set, which nothing follows: only the others are put in order.
CREATE OR REPLACE TEMP TABLE mark_day AS
WITH mark AS (
    SELECT m.mark_set, h.subject_key, h.occurred_on, h.occurred_at, h.event_key FROM hit h JOIN mark_filter m USING (filter_no)
),
several AS (
    SELECT mark_set, subject_key FROM mark GROUP BY ALL HAVING count(*) > 1
),
ordered AS (  -- an event may pass several filters of a set
    SELECT DISTINCT * FROM mark SEMI JOIN several USING (mark_set, subject_key)
)
SELECT mark_set, subject_key, occurred_on AS mark_on, event_key AS mark_key, NULL::DATE AS following_on, NULL::UBIGINT AS following_key
FROM mark ANTI JOIN several USING (mark_set, subject_key)
UNION ALL
SELECT * FROM (
    SELECT
        mark_set, subject_key, occurred_on AS mark_on, event_key AS mark_key,
        lead(occurred_on) OVER w AS following_on, lead(event_key) OVER w AS following_key
    FROM ordered
    WINDOW w AS (PARTITION BY mark_set, subject_key ORDER BY occurred_on, occurred_at, event_key)
    QUALIFY lag(occurred_on) OVER w IS DISTINCT FROM occurred_on
);
