-- experienced.sql  is the citizen's rating, from 0 to 1 on its scale, at or above the bar?
-- reads            reading, indicator, measure_bar
-- makes            more rows of verdict, as in change.sql
INSERT INTO verdict BY NAME
SELECT
    r.indicator_no, r.subject_key, r.index_key, r.index_on, r.horizon_on, CASE WHEN r.is_told THEN r.score >= b.bar - 1e-9 END AS achieved,
    r.decided_on, r.last_mark_on, NULL AS target_key, NULL AS stretch_on
FROM reading r
    JOIN indicator d USING (indicator_no)
    JOIN measure_bar b USING (indicator_no)
WHERE d.kind = 'experienced';
