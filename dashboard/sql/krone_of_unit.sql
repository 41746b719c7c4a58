-- krone_of_unit.sql   one unit's effect per krone under every indicator
-- parameters          $unit_id
-- grain               one row per indicator, version, cohort and attribution rule
SELECT *
FROM effect_per_krone
WHERE unit_id = $unit_id
ORDER BY core_task_id, indicator_id, indicator_version DESC, cohort_start DESC NULLS FIRST
