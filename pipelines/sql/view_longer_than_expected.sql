-- view_longer_than_expected.sql   units whose effects last longer, or come oftener, than the case mix lets expect
-- reads      funnel, dim_unit, dim_indicator
-- grain      one row per unit x indicator x version x cohort beyond the upper limits
-- runs in    DuckDB and PostgreSQL
SELECT told.unit_id, coalesce(unit.name, told.unit_id) AS unit_name, told.core_task_id, told.indicator_id, told.indicator_version,
    indicator.name AS indicator_name, told.cohort, told.observed, told.expected, told.observed_over_expected, told.oe_low, told.oe_high,
    told.verdict_code, told.verdict, told.oe_rank, told.oe_rank_low, told.oe_rank_high, told.evidence_level, told.reason
FROM funnel AS told
LEFT JOIN (
    SELECT unit_id, name, row_number() OVER (PARTITION BY unit_id ORDER BY coalesce(valid_from, DATE '0001-01-01') DESC) AS place FROM dim_unit
) AS unit ON unit.unit_id = told.unit_id AND unit.place = 1
LEFT JOIN dim_indicator AS indicator ON indicator.indicator_id = told.indicator_id AND indicator.version = told.indicator_version
WHERE told.verdict_code IN ('alert_high', 'alarm_high') AND told.state = 'final'
