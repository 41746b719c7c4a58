-- change.sql  did the score move by at least the minimal important change, in the good direction?
-- reads       reading, indicator, measure_bar
-- makes       more rows of verdict; achieved is null where nothing was measured. Whoever was measured before a competing or censoring event
--             has the answer. Scores are decimals in binary: a billionth is no difference
INSERT INTO verdict BY NAME
SELECT
    r.indicator_no, r.subject_key, r.index_key, r.index_on, r.horizon_on,
    CASE WHEN r.is_told THEN b.sign * (r.score - r.baseline) >= b.bar - 1e-9 AND b.sign * (r.score - r.baseline) > 1e-9 END AS achieved,
    r.decided_on, r.last_mark_on, NULL AS target_key, NULL AS stretch_on
FROM reading r
    JOIN indicator d USING (indicator_no)
    JOIN measure_bar b USING (indicator_no)
WHERE d.kind = 'change';
