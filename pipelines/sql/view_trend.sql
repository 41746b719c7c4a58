-- view_trend.sql   shares by cohort that may stand in one line: same definition, no break inside, same break before, no change of the unit
-- reads      effect_by_unit, dim_unit, dim_indicator
-- grain      one row per unit x indicator x version x cohort; rows with the same comparable_from make a trend
-- runs in    DuckDB and PostgreSQL
SELECT told.unit_id, coalesce(unit.name, told.unit_id) AS unit_name, told.core_task_id, told.indicator_id, told.indicator_version,
    indicator.name AS indicator_name, told.cohort, told.cohort_start, told.comparable_from, told.denominator, told.achieved, told.share,
    told.share_low, told.share_high, told.evidence_level
FROM effect_by_unit AS told
LEFT JOIN (
    SELECT unit_id, name, row_number() OVER (PARTITION BY unit_id ORDER BY coalesce(valid_from, DATE '0001-01-01') DESC) AS place FROM dim_unit
) AS unit ON unit.unit_id = told.unit_id AND unit.place = 1
LEFT JOIN dim_indicator AS indicator ON indicator.indicator_id = told.indicator_id AND indicator.version = told.indicator_version
WHERE told.cohort <> 'all' AND told.state = 'final' AND told.breaks IS NULL AND told.unit_changes IS NULL
