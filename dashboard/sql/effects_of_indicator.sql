-- effects_of_indicator.sql   what became of each cohort under one indicator: every unit, ancestor and (all)
-- parameters                 $indicator_id, $version (of its definition)
-- grain                      one row per unit and cohort
SELECT *
FROM effect_by_unit
WHERE indicator_id = $indicator_id AND indicator_version = $version
ORDER BY cohort_start DESC NULLS FIRST, unit_id
