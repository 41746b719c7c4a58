-- unmet_known.sql  index events that fail a population's conditions on what was known on or before the index day
-- reads            index_event, known, past_known (indicator, condition, whether nothing known meets it)
-- makes            more rows of unmet
INSERT INTO unmet
SELECT i.indicator_no, i.index_key
FROM (SELECT w.indicator_no, w.known_no, w.met_if_none, x.* FROM past_known w JOIN index_event x USING (index_set)) i
    LEFT JOIN known k ON k.known_no = i.known_no AND k.subject_key = i.subject_key AND i.index_on >= k.known_on
GROUP BY i.indicator_no, i.index_key, i.known_no, i.met_if_none
HAVING NOT coalesce(max_by({'met': k.is_met}, k.known_on).met, i.met_if_none);
