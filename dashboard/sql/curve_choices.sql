-- curve_choices.sql   which units and cohorts have a curve under one indicator
-- parameters          $indicator_id, $version
-- grain               one row per unit and cohort
SELECT DISTINCT unit_id, cohort, cohort_start
FROM effect_curve
WHERE indicator_id = $indicator_id AND indicator_version = $version
ORDER BY cohort_start DESC NULLS FIRST, unit_id
