-- index_event.sql  the events from which effects are counted
-- reads            hit, index_set (filter, every each | first | first_after_gap, gap)
-- makes            index_event, one row per index set and event
CREATE OR REPLACE TEMP TABLE index_event AS
SELECT x.index_set, h.subject_key, h.event_key AS index_key, h.occurred_on AS index_on
FROM index_set x JOIN hit h USING (filter_no)
WHERE x.every = 'each'
UNION ALL
SELECT x.index_set, h.subject_key, h.event_key AS index_key, h.occurred_on AS index_on
FROM index_set x JOIN hit h USING (filter_no)
WHERE x.every <> 'each'
WINDOW w AS (PARTITION BY x.index_set, h.subject_key ORDER BY h.occurred_on, h.occurred_at, h.event_key)
QUALIFY lag(h.occurred_on) OVER w IS NULL
    OR (x.every = 'first_after_gap' AND h.occurred_on >= (lag(h.occurred_on) OVER w + x.gap)::DATE);
