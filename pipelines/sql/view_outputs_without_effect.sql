-- view_outputs_without_effect.sql   units that rank surely worse by effects per krone than by outputs per krone
-- reads      output_vs_effect, dim_unit
-- grain      one row per unit x core task x cohort whose best rank by effect that chance allows is still below its rank by outputs
-- runs in    DuckDB and PostgreSQL
SELECT told.unit_id, coalesce(unit.name, told.unit_id) AS unit_name, told.core_task_id, told.indicator_id, told.cohort, told.outputs,
    told.outputs_per_million, told.output_rank, told.effects_per_million, told.effect_rank, told.effect_rank_low, told.effect_rank_high,
    told.effect_rank_low - told.output_rank AS places_lost, told.outputs_per_effect, told.coverage
FROM output_vs_effect AS told
LEFT JOIN (
    SELECT unit_id, name, row_number() OVER (PARTITION BY unit_id ORDER BY coalesce(valid_from, DATE '0001-01-01') DESC) AS place FROM dim_unit
) AS unit ON unit.unit_id = told.unit_id AND unit.place = 1
WHERE told.state = 'final' AND told.output_rank < told.effect_rank_low
