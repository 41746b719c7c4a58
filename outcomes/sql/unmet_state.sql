-- unmet_state.sql  index events that fail a population's in_state or not_in_state
-- reads            index_event, island, past_state (indicator, state of the catalogue, wanted)
-- makes            more rows of unmet
INSERT INTO unmet
SELECT i.indicator_no, i.index_key
FROM (SELECT w.indicator_no, w.state_ref, w.wanted, x.* FROM past_state w JOIN index_event x USING (index_set)) i
    LEFT JOIN island s ON s.state_ref = i.state_ref AND s.subject_key = i.subject_key AND i.index_on >= s.start_on
GROUP BY i.indicator_no, i.index_key, i.index_on, i.state_ref, i.wanted
HAVING i.wanted <> coalesce(max_by(s.end_on, s.start_on) > i.index_on, false);
