-- krone_of_indicator.sql   effect per krone under one indicator, by every attribution rule there is
-- parameters               $indicator_id, $version, $cohort
-- grain                    one row per unit and attribution rule
SELECT *
FROM effect_per_krone
WHERE indicator_id = $indicator_id AND indicator_version = $version AND cohort = $cohort
ORDER BY unit_id
