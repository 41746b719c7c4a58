-- effects_of_indicator_as_is.sql   what became of one cohort under one indicator: in the organisation of today
-- parameters                       $indicator_id, $version (of its definition), $cohort
-- grain                            one row per unit
SELECT *
FROM effect_by_unit_as_is
WHERE indicator_id = $indicator_id AND indicator_version = $version AND cohort = $cohort
ORDER BY unit_id
