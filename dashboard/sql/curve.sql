-- curve.sql   how the effect comes over time for one unit and cohort
-- parameters  $indicator_id, $version, $unit_id, $cohort
-- grain       one row per completed time unit
SELECT *
FROM effect_curve
WHERE indicator_id = $indicator_id AND indicator_version = $version AND unit_id = $unit_id AND cohort = $cohort
ORDER BY time
