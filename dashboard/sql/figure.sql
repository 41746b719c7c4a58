-- figure.sql     one figure as it is published, newest version of its indicator
-- parameters     $indicator, $unit, $cohort
-- grain          at most one row
SELECT * FROM effect_by_unit
WHERE indicator_id = $indicator AND unit_id = $unit AND cohort = $cohort
ORDER BY indicator_version DESC
LIMIT 1
