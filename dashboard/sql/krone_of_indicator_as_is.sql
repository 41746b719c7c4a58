-- krone_of_indicator_as_is.sql   effect per krone under one indicator, in the organisation of today
-- parameters                     $indicator_id, $version, $cohort
-- grain                          one row per unit and attribution rule
SELECT *
FROM effect_per_krone_as_is
WHERE indicator_id = $indicator_id AND indicator_version = $version AND cohort = $cohort
ORDER BY unit_id
