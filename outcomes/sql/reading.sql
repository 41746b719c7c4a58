-- reading.sql  what was measured of each index event of a measured kind, and the days on which that is settled
-- reads        counted, indicator, measure_window, not_relevant, baseline_reading, follow_up_reading
-- makes        reading, one row per indicator and index event
--              is_told        both measurements are there and say something
--              decided_on     the first day on which nothing more can change what was measured
--              last_mark_on   the last day on which a competing or censoring event comes first; null where there is nothing to compare with
--              baseline_keys  events behind the baseline; score_keys those behind the follow-up
CREATE OR REPLACE TEMP TABLE reading AS
WITH measured AS (
    SELECT
        c.* EXCLUDE (index_set), d.kind, w.to_span, b.event_key AS baseline_key, b.settled_on AS baseline_settled_on,
        b.known_at AS baseline_known_at, CASE WHEN u.score IS NULL THEN b.value END AS baseline,
        f.event_key AS score_key, f.occurred_on, f.settled_on, f.known_at AS score_known_at, CASE WHEN n.score IS NULL THEN f.value END AS score
    FROM counted c
        JOIN indicator d USING (indicator_no)
        LEFT JOIN measure_window w ON w.indicator_no = c.indicator_no AND w.role = 'baseline'
        LEFT JOIN baseline_reading b ON b.indicator_no = c.indicator_no AND b.index_key = c.index_key
        LEFT JOIN not_relevant u ON u.indicator_no = c.indicator_no AND u.score = b.value
        LEFT JOIN follow_up_reading f ON f.indicator_no = c.indicator_no AND f.index_key = c.index_key
        LEFT JOIN not_relevant n ON n.indicator_no = c.indicator_no AND n.score = f.value
    WHERE d.kind IN ('change', 'experienced')
),
judged AS (
    SELECT *, kind = 'experienced' OR baseline IS NOT NULL AS has_base FROM measured
)
SELECT
    indicator_no, subject_key, index_key, index_on, horizon_on, baseline, CASE WHEN has_base THEN score END AS score, has_base AND score IS NOT NULL AS is_told,
    CASE
        WHEN NOT has_base THEN greatest(index_on, (index_on + to_span)::DATE)
        WHEN score_key IS NULL THEN horizon_on
        ELSE greatest(index_on, baseline_settled_on, settled_on)
    END AS decided_on,
    CASE WHEN NOT has_base THEN NULL WHEN score_key IS NULL THEN horizon_on ELSE occurred_on - 1 END AS last_mark_on,
    CASE WHEN baseline_key IS NULL THEN []::UBIGINT[] ELSE [baseline_key] END AS baseline_keys, baseline_known_at,
    CASE WHEN has_base AND score_key IS NOT NULL THEN [score_key] ELSE []::UBIGINT[] END AS score_keys,
    CASE WHEN has_base THEN score_known_at END AS score_known_at
FROM judged;
