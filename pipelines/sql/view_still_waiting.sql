-- view_still_waiting.sql   cohorts in which somebody is still followed: what is known so far, and that it is not the end
-- reads      effect_by_unit, dim_unit, dim_indicator
-- grain      one row per unit x indicator x version x cohort that is not mature
-- runs in    DuckDB and PostgreSQL
SELECT told.unit_id, coalesce(unit.name, told.unit_id) AS unit_name, told.core_task_id, told.indicator_id, told.indicator_version,
    indicator.name AS indicator_name, indicator.horizon, told.cohort, told.cohort_end, told.cohort_size, told.pending, told.matured,
    told.estimate, told.estimate_low, told.estimate_high, told.as_of, told.reason
FROM effect_by_unit AS told
LEFT JOIN (
    SELECT unit_id, name, row_number() OVER (PARTITION BY unit_id ORDER BY coalesce(valid_from, DATE '0001-01-01') DESC) AS place FROM dim_unit
) AS unit ON unit.unit_id = told.unit_id AND unit.place = 1
LEFT JOIN dim_indicator AS indicator ON indicator.indicator_id = told.indicator_id AND indicator.version = told.indicator_version
WHERE told.state = 'immature'
