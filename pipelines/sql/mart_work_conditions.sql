-- mart_work_conditions.sql  conditions of work beside the effect of the same unit and period
-- reads       condition, condition_limits (row -> Student's limits), lead_indicator, mart.effect_by_unit
-- parameters  $k
-- grain       unit x cohort x measure x core task with an effect there (none: one row without)
INSERT INTO mart.work_conditions BY NAME
WITH effect AS (
    SELECT unit_id, cohort, core_task_id, indicator_id, indicator_version, share, share_low, share_high, state
    FROM mart.effect_by_unit
    SEMI JOIN lead_indicator USING (core_task_id, indicator_id, indicator_version)
),
named AS (
    SELECT *, period_label(cohort_start, grid) AS cohort, CASE WHEN tells THEN 2 ELSE 15 END AS digits FROM numbered_condition
)
SELECT
    named.unit_id,
    named.cohort,
    named.cohort_start,
    period_end(named.cohort_start, named.grid) AS cohort_end,
    named.measure,
    named.asked,
    CASE WHEN NOT is_thin THEN CASE WHEN asked = 'time' THEN n::DOUBLE / nullif(all_minutes, 0)::DOUBLE ELSE round(mean, digits) END END AS value,
    CASE WHEN NOT is_thin THEN round(condition_limits.low, digits) END AS value_low,
    CASE WHEN NOT is_thin THEN round(condition_limits.high, digits) END AS value_high,
    CASE WHEN asked <> 'time' AND NOT is_thin AND NOT tells THEN round(n)::BIGINT END AS answers,
    CASE WHEN asked = 'time' THEN n::DOUBLE END AS minutes,
    effect.core_task_id,
    effect.indicator_id,
    effect.indicator_version,
    effect.share AS effect_share,
    effect.share_low AS effect_low,
    effect.share_high AS effect_high,
    effect.state AS effect_state,
    'descriptive' AS evidence_level,
    CASE WHEN is_thin THEN 'suppressed' ELSE 'final' END AS state,
    CASE
        WHEN is_thin THEN 'fewer than ' || $k || ' answers'
        WHEN tells AND asked <> 'time' THEN 'rounded, and without its number of answers, which would tell one below ' || $k
        WHEN effect.core_task_id IS NULL THEN 'no effect is counted at this unit in this period'
    END AS reason
FROM named
LEFT JOIN condition_limits USING (condition_no)
LEFT JOIN effect ON effect.unit_id = named.unit_id AND effect.cohort = named.cohort
ORDER BY named.unit_id, named.cohort_start NULLS FIRST, named.cohort, named.measure, effect.core_task_id NULLS FIRST;
