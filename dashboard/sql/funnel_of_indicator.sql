-- funnel_of_indicator.sql  each unit of one cohort against what is expected of it, with the limits that chance alone allows
-- parameters               $indicator_id, $version (of its definition), $cohort
-- grain                    one row per unit
SELECT *
FROM funnel
WHERE indicator_id = $indicator_id AND indicator_version = $version AND cohort = $cohort
ORDER BY observed_over_expected DESC NULLS LAST, unit_id
