-- krone_of_indicator.sql   effect per krone under one indicator, by every attribution rule there is
-- parameters               $indicator_id, $version
-- grain                    one row per unit, cohort and attribution rule
SELECT *
FROM effect_per_krone
WHERE indicator_id = $indicator_id AND indicator_version = $version
ORDER BY cohort_start DESC NULLS FIRST, unit_id
