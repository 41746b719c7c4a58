-- counted.sql  every index event under every indicator that counts it
-- reads        indicator, index_event, unmet, due
-- makes        counted, a view, since each kind takes its own indicators out of it; horizon_on is the last day that counts (for sustained: of the beginning), null where the index event does not say
CREATE OR REPLACE TEMP VIEW counted AS
SELECT
    d.indicator_no, d.index_set, x.subject_key, x.index_key, x.index_on,
    CASE WHEN d.due_no IS NULL THEN (x.index_on + d.horizon)::DATE WHEN u.due_on >= x.index_on THEN u.due_on END AS horizon_on
FROM indicator d
    JOIN index_event x USING (index_set)
    LEFT JOIN due u ON u.due_no = d.due_no AND u.index_key = x.index_key
    ANTI JOIN unmet n ON n.indicator_no = d.indicator_no AND n.index_key = x.index_key
WHERE x.index_on >= coalesce(d.valid_from, DATE '-infinity') AND x.index_on < coalesce(d.valid_to, DATE 'infinity');
