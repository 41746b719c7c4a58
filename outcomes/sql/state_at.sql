-- state_at.sql  does the state hold on the day index + horizon?
-- reads         counted, indicator, island
-- makes         more rows of verdict. A competing or censoring event up to and including that day comes first, whatever the state says
INSERT INTO verdict
SELECT
    c.indicator_no, c.index_key, coalesce(s.end_on > c.horizon_on, false) AS achieved, c.horizon_on AS decided_on,
    c.horizon_on AS last_mark_on, NULL AS target_key, CASE WHEN s.end_on > c.index_on THEN s.start_on END AS stretch_on
FROM (SELECT c.*, d.state_ref FROM counted c JOIN indicator d USING (indicator_no) WHERE d.kind = 'state_at' AND c.horizon_on IS NOT NULL) c
    ASOF LEFT JOIN island s ON s.state_ref = c.state_ref AND s.subject_key = c.subject_key AND c.horizon_on >= s.start_on;
