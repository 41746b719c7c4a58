-- state_at.sql  does the state hold on the day index + horizon?
-- reads         counted, indicator, island
-- makes         more rows of verdict. A competing or censoring event up to and including that day comes first, whatever the state says
INSERT INTO verdict BY NAME
WITH latest AS (
    SELECT c.* EXCLUDE (index_set), max(s.start_on) AS start_on, max_by(s.end_on, s.start_on) AS end_on
    FROM counted c
        JOIN indicator d USING (indicator_no)
        LEFT JOIN island s ON s.state_ref = d.state_ref AND s.subject_key = c.subject_key AND c.horizon_on >= s.start_on
    WHERE d.kind = 'state_at' AND c.horizon_on IS NOT NULL
    GROUP BY ALL
)
SELECT
    * EXCLUDE (start_on, end_on), coalesce(end_on > horizon_on, false) AS achieved, horizon_on AS decided_on,
    horizon_on AS last_mark_on, NULL AS target_key, CASE WHEN end_on > index_on THEN start_on END AS stretch_on
FROM latest;
