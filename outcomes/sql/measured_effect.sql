-- measured_effect.sql  what was measured, into the effect records of the measured kinds
-- reads                fresh_effect (kept as plain_effect), reading, indicator
-- makes                fresh_effect again: value is the change in the measure's own unit (experienced: the rating from 0 to 1), null unless
--                      the outcome rests on it; baseline the score it began with. The measurements behind them are evidence: those of the
--                      follow-up where the outcome rests on it
DROP VIEW IF EXISTS temp.plain_effect;
ALTER VIEW temp.fresh_effect RENAME TO plain_effect;
CREATE OR REPLACE TEMP VIEW fresh_effect AS
SELECT
    f.* REPLACE (
        CASE
            WHEN r.index_key IS NULL THEN f.value
            WHEN f.outcome NOT IN ('achieved', 'not_achieved') THEN NULL
            WHEN i.kind = 'experienced' THEN r.score
            ELSE r.score - r.baseline
        END AS value,
        CASE WHEN r.index_key IS NULL THEN f.baseline ELSE r.baseline END AS baseline,
        CASE
            WHEN r.index_key IS NULL THEN f.evidence
            WHEN f.outcome IN ('competing', 'censored') THEN list_sort(list_distinct(f.evidence || r.baseline_keys))
            ELSE list_sort(list_distinct(f.evidence || r.baseline_keys || r.score_keys))
        END AS evidence,
        greatest(
            f.known_from, r.baseline_known_at, CASE WHEN f.outcome NOT IN ('competing', 'censored') THEN r.score_known_at END
        ) AS known_from
    )
FROM plain_effect f
    JOIN indicator i USING (indicator_no)
    LEFT JOIN reading r ON r.indicator_no = f.indicator_no AND r.index_key = f.index_key;
