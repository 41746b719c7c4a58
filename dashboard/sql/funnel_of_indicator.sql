-- funnel_of_indicator.sql  each unit against what is expected of it, with the limits that chance alone allows
-- parameters               $indicator_id, $version (of its definition)
-- grain                    one row per unit and cohort
SELECT *
FROM funnel
WHERE indicator_id = $indicator_id AND indicator_version = $version
ORDER BY cohort_start DESC NULLS FIRST, observed_over_expected DESC NULLS LAST, unit_id
