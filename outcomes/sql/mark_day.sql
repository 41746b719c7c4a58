-- mark_day.sql  days on which events of a set of filters (targets, competing or censoring events) happened to a subject
-- reads         hit, mark_filter
-- makes         mark_day, one row per set, subject and day: its first event, and the one that follows (on the same day or later), which counts
--               where the first is the index event itself
CREATE OR REPLACE TEMP TABLE mark_day AS
WITH mark AS (
    SELECT DISTINCT m.mark_set, h.subject_key, h.occurred_on, h.occurred_at, h.event_key
    FROM hit h JOIN mark_filter m USING (filter_no)
)
SELECT
    mark_set, subject_key, occurred_on AS mark_on, event_key AS mark_key,
    lead(occurred_on) OVER w AS following_on, lead(event_key) OVER w AS following_key
FROM mark
WINDOW w AS (PARTITION BY mark_set, subject_key ORDER BY occurred_on, occurred_at, event_key)
QUALIFY lag(occurred_on) OVER w IS DISTINCT FROM occurred_on;
