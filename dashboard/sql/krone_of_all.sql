-- krone_of_all.sql   the whole municipality's effect per krone under every indicator, every effect at the unit that leads the case
-- grain              one row per indicator, version and cohort
SELECT
    unit_id, core_task_id, indicator_id, indicator_version, cohort, cohort_start, attribution, effects_per_million, epm_low, epm_high,
    state, reason
FROM effect_per_krone
WHERE unit_id = '(all)' AND attribution = 'lead'
ORDER BY indicator_id, indicator_version DESC, cohort_start DESC NULLS FIRST
