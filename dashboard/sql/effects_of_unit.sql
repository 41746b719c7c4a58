-- effects_of_unit.sql   one unit's figures under every indicator, newest cohort first and all cohorts before them
-- parameters            $unit_id
-- grain                 one row per indicator, version and cohort
SELECT *
FROM effect_by_unit
WHERE unit_id = $unit_id
ORDER BY core_task_id, indicator_id, indicator_version DESC, cohort_start DESC NULLS FIRST
