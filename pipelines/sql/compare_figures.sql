-- compare_figures.sql  the figures of a version that are followed from one version to another
-- reads                mart (a published version, or one rebuilt on the way)
-- grain                unit x indicator x cohort: the newest version of an indicator where several are counted
SELECT
    e.unit_id, e.core_task_id, e.indicator_id, e.cohort, e.indicator_version, e.state,
    e.achieved, e.denominator, e.share, k.cost_ore, k.effects_per_million
FROM mart.effect_by_unit e
LEFT JOIN (FROM mart.effect_per_krone WHERE attribution = 'lead') k USING (unit_id, indicator_id, indicator_version, cohort)
QUALIFY row_number() OVER (PARTITION BY e.unit_id, e.indicator_id, e.cohort ORDER BY e.indicator_version DESC) = 1
ORDER BY e.unit_id, e.indicator_id, e.cohort
