-- approve_figures.sql  what a version shows for a unit, core task and period, as it is locked
-- reads                mart.effect_by_unit, mart.effect_per_krone
-- parameters           $unit, $core_task, $cohort
-- grain                one row per indicator, in its newest version
SELECT
    e.indicator_id, e.indicator_version, e.cohort_start::VARCHAR, e.cohort_end::VARCHAR, e.state,
    e.achieved, e.denominator, e.share, e.share_low, e.share_high, k.cost_ore, k.price_year, k.effects_per_million
FROM mart.effect_by_unit e
LEFT JOIN (FROM mart.effect_per_krone WHERE attribution = 'lead') k USING (unit_id, indicator_id, indicator_version, cohort)
WHERE e.unit_id = $unit AND e.core_task_id = $core_task AND e.cohort = $cohort
QUALIFY row_number() OVER (PARTITION BY e.indicator_id ORDER BY e.indicator_version DESC) = 1
ORDER BY e.indicator_id
