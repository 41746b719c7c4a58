-- effects_of_indicator.sql   what became of one cohort under one indicator: every unit, ancestor and (all)
-- parameters                 $indicator_id, $version (of its definition), $cohort
-- grain                      one row per unit
SELECT *
FROM effect_by_unit
WHERE indicator_id = $indicator_id AND indicator_version = $version AND cohort = $cohort
ORDER BY unit_id
