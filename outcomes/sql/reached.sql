-- reached.sql  did the target event happen within the horizon, index day included?
-- reads        counted, indicator, next_mark
-- makes        more rows of verdict. On the day of the target itself nothing comes before it
INSERT INTO verdict BY NAME
SELECT
    c.* EXCLUDE (index_set), t.mark_on IS NOT NULL AS achieved, coalesce(t.mark_on, c.horizon_on) AS decided_on,
    coalesce(t.mark_on - 1, c.horizon_on) AS last_mark_on, t.mark_key AS target_key, NULL AS stretch_on
FROM counted c
    JOIN indicator d USING (indicator_no)
    LEFT JOIN next_mark t
        ON t.index_set = d.index_set AND t.mark_set = d.target_set AND t.index_key = c.index_key AND t.mark_on <= c.horizon_on
WHERE d.kind = 'reached' AND c.horizon_on IS NOT NULL;
