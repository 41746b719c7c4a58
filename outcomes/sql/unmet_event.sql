-- unmet_event.sql  index events that fail a population's with_event or without_event
-- reads            index_event, past_day, past_event (indicator, filter, within, wanted)
-- makes            more rows of unmet. An event is within the stretch when its own day plus `within` reaches the index day
INSERT INTO unmet
WITH latest AS (
    SELECT
        i.indicator_no, i.index_key, i.index_on, i.filter_no, i.within_span, i.wanted,
        max_by(CASE WHEN d.past_key = i.index_key THEN d.earlier_on ELSE d.past_on END, d.past_on) AS past_on
    FROM (SELECT w.indicator_no, w.filter_no, w.within_span, w.wanted, x.* FROM past_event w JOIN index_event x USING (index_set)) i
        LEFT JOIN past_day d ON d.filter_no = i.filter_no AND d.subject_key = i.subject_key AND i.index_on >= d.past_on
    GROUP BY ALL
)
SELECT indicator_no, index_key
FROM latest
WHERE wanted <> coalesce(past_on >= DATE '-infinity' AND (within_span IS NULL OR (past_on + within_span)::DATE >= index_on), false);
