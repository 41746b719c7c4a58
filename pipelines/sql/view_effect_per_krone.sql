-- view_effect_per_krone.sql   effects per million kroner of the indicators that lead for cost, by the unit that leads the case
-- reads      effect_per_krone, dim_unit, dim_indicator
-- grain      one row per unit x indicator x version x cohort
-- runs in    DuckDB and PostgreSQL
SELECT told.unit_id, coalesce(unit.name, told.unit_id) AS unit_name, told.core_task_id, told.indicator_id, told.indicator_version,
    indicator.name AS indicator_name, told.cohort, told.attributed_effects, told.cost_ore, told.price_year, told.effects_per_million,
    told.epm_low, told.epm_high, told.kroner_per_effect, told.kpe_low, told.kpe_high, told.kpe_bounded, told.extra_effects_per_million,
    told.evidence_level, told.breaks, told.comparable_from, told.state, told.reason
FROM effect_per_krone AS told
LEFT JOIN (
    SELECT unit_id, name, row_number() OVER (PARTITION BY unit_id ORDER BY coalesce(valid_from, DATE '0001-01-01') DESC) AS place FROM dim_unit
) AS unit ON unit.unit_id = told.unit_id AND unit.place = 1
LEFT JOIN dim_indicator AS indicator ON indicator.indicator_id = told.indicator_id AND indicator.version = told.indicator_version
WHERE told.attribution = 'lead' AND indicator.lead_for_cost
