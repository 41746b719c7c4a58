-- attribution_outside.sql   effects that no unit is given: the citizen's own share, and cases in which no unit is named
-- parameters                $indicator_id, $version, $cohort
-- grain                     one row per line and attribution rule
SELECT *
FROM attribution_by_unit
WHERE indicator_id = $indicator_id AND indicator_version = $version AND cohort = $cohort AND role IN ('citizen', 'unclaimed')
ORDER BY unit_id, attribution
