-- reduction.sql  is the granted amount at follow-up at most (1 - by) of that on the index day? Of nothing, nothing can be taken off
-- reads          reading, indicator, measure_bar
-- makes          more rows of verdict. A competing or censoring event up to and including the day of the follow-up comes first, as for a state
INSERT INTO verdict BY NAME
SELECT
    r.indicator_no, r.subject_key, r.index_key, r.index_on, r.horizon_on,
    CASE WHEN r.is_told THEN r.baseline > 0 AND r.score <= (1 - b.by_share) * r.baseline + 1e-9 END AS achieved,
    r.decided_on, r.last_mark_on, NULL AS target_key, NULL AS stretch_on
FROM reading r
    JOIN indicator d USING (indicator_no)
    JOIN measure_bar b USING (indicator_no)
WHERE d.kind = 'reduction';
