-- view_changed_since_approval.sql   approved figures that later corrections, definitions or prices have made others
-- reads      approved_figure, dim_unit
-- grain      one row per unit x core task x indicator x cohort that was approved and is another figure now
-- runs in    DuckDB and PostgreSQL
SELECT told.unit_id, coalesce(unit.name, told.unit_id) AS unit_name, told.core_task_id, told.indicator_id, told.cohort,
    told.locked_achieved, told.locked_denominator, told.locked_share, told.achieved, told.denominator, told.share, told.share_revision,
    told.locked_effects_per_million, told.effects_per_million, told.effects_per_million_revision, told.approved_at, told.approved_version,
    told.state, told.reason
FROM approved_figure AS told
LEFT JOIN (
    SELECT unit_id, name, row_number() OVER (PARTITION BY unit_id ORDER BY coalesce(valid_from, DATE '0001-01-01') DESC) AS place FROM dim_unit
) AS unit ON unit.unit_id = told.unit_id AND unit.place = 1
WHERE told.revised
