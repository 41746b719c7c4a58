-- unmet_event.sql  index events that fail a population's with_event or without_event
-- reads            index_event, past_day, past_event (indicator, filter, within, wanted)
-- makes            more rows of unmet. An event is within the stretch when its own day plus `within` reaches the index day
INSERT INTO unmet
SELECT i.indicator_no, i.index_key
FROM (SELECT w.indicator_no, w.filter_no, w.within_span, w.wanted, x.* FROM past_event w JOIN index_event x USING (index_set)) i
    ASOF LEFT JOIN past_day d ON d.filter_no = i.filter_no AND d.subject_key = i.subject_key AND i.index_on >= d.past_on
WHERE i.wanted <> coalesce(
    CASE WHEN d.past_key = i.index_key THEN d.earlier_on ELSE d.past_on END >= DATE '-infinity'
    AND (i.within_span IS NULL OR (CASE WHEN d.past_key = i.index_key THEN d.earlier_on ELSE d.past_on END + i.within_span)::DATE >= i.index_on),
    false
);
