-- page_rows.sql   an invented town for the page: figures of every unit, indicator and cohort, made by arithmetic, so the same every time
-- variables       units, indicators, cohorts: how many
INSERT INTO dim_unit BY NAME
SELECT 'town' AS unit_id, 'Storkøbing' AS name, 'municipality' AS level, NULL AS parent_id, 'town' AS path, true AS declared
UNION ALL BY NAME
SELECT 'area_' || n AS unit_id, 'Område ' || n AS name, 'administration' AS level, 'town' AS parent_id, 'town/area_' || n AS path, true AS declared
FROM range(10) AS areas (n)
UNION ALL BY NAME
SELECT
    'unit_' || n AS unit_id, 'Enhed ' || n || CASE WHEN n % 7 = 0 THEN ' med et langt navn som i virkeligheden' ELSE '' END AS name,
    'institution' AS level, 'area_' || n % 10 AS parent_id, 'town/area_' || n % 10 || '/unit_' || n AS path, true AS declared
FROM range(getvariable('units')) AS units (n);

INSERT INTO dim_core_task BY NAME
SELECT
    'task_' || n AS core_task_id, 1 AS version, 'Kerneopgave ' || n AS name, 'Core task ' || n AS name_en, 'Varig forandring' AS purpose,
    'Lasting change' AS purpose_en, 'Borgere' AS target_group, 'Citizens' AS target_group_en, '[]' AS prerequisites,
    '[{"to": "task_' || (n + 1) % 4 || '", "how": {"da": "bidrager", "en": "contributes"}}]' AS links
FROM range(4) AS tasks (n);

INSERT INTO dim_indicator BY NAME
SELECT
    'indicator_' || n AS indicator_id, 1 AS version, 'task_' || n % 4 AS core_task_id, 'reached' AS kind, true AS computed,
    'Indikator ' || n AS name, 'Indicator ' || n AS name_en, '["citizen"]' AS beneficiary, 'P26W' AS horizon, 'week' AS time_unit,
    'en borger' AS unit_of_effect, 'a citizen' AS unit_of_effect_en, 1.0 AS weight, 'up' AS direction, n < 4 AS lead_for_cost,
    'standardised' AS evidence_level, '{}' AS definition
FROM range(getvariable('indicators')) AS indicators (n);

CREATE TEMPORARY TABLE cell AS
WITH units AS (SELECT unit_id, row_number() OVER (ORDER BY unit_id) AS u FROM dim_unit UNION ALL SELECT '(all)', 0),
cohorts AS (
    SELECT 0 AS c, 'all' AS cohort, NULL::DATE AS cohort_start
    UNION ALL
    SELECT n + 1, strftime(DATE '2026-01-01' - to_months(n::INTEGER), '%Y-%m'), (DATE '2026-01-01' - to_months(n::INTEGER))::DATE
    FROM range(getvariable('cohorts')) AS months (n)
)
SELECT
    unit_id, core_task_id, indicator_id, 1 AS indicator_version, cohort, cohort_start, 200 + u % 50 AS denominator,
    40 + (u * 37 + c * 11) % 120 AS achieved, (u + c) % 23 = 0 AS hidden
FROM units CROSS JOIN cohorts CROSS JOIN dim_indicator;

INSERT INTO effect_by_unit BY NAME
SELECT
    unit_id, core_task_id, indicator_id, indicator_version, cohort, cohort_start,
    CASE WHEN NOT hidden THEN denominator END AS cohort_size, CASE WHEN NOT hidden THEN 0 END AS pending,
    CASE WHEN NOT hidden THEN denominator END AS matured, CASE WHEN NOT hidden THEN achieved END AS achieved,
    CASE WHEN NOT hidden THEN denominator - achieved END AS not_achieved, CASE WHEN NOT hidden THEN 0 END AS competing,
    CASE WHEN NOT hidden THEN 0 END AS censored, CASE WHEN NOT hidden THEN 0 END AS unmeasured,
    CASE WHEN NOT hidden THEN denominator END AS denominator, CASE WHEN NOT hidden THEN achieved / denominator END AS share,
    CASE WHEN NOT hidden THEN achieved / denominator - 0.06 END AS share_low,
    CASE WHEN NOT hidden THEN achieved / denominator + 0.06 END AS share_high,
    'wilson' AS share_method, 'kaplan_meier' AS estimate_method, 'no_reference' AS expected_state, 'standardised' AS evidence_level,
    CASE WHEN hidden THEN 'suppressed' ELSE 'final' END AS state, DATE '2026-06-30' AS as_of
FROM cell
ORDER BY indicator_id, cohort, unit_id;

INSERT INTO effect_per_krone BY NAME
SELECT
    unit_id, core_task_id, indicator_id, indicator_version, cohort, cohort_start, attribution, attribution AS attribution_basis,
    CASE WHEN NOT hidden THEN achieved::DOUBLE END AS attributed_effects, 1_000_000_000 AS cost_ore, 2026 AS price_year, 'DKK' AS currency,
    CASE WHEN NOT hidden THEN achieved / 10.0 END AS effects_per_million, CASE WHEN NOT hidden THEN achieved / 10.0 - 1 END AS epm_low,
    CASE WHEN NOT hidden THEN achieved / 10.0 + 1 END AS epm_high, CASE WHEN NOT hidden THEN true END AS kpe_bounded,
    CASE WHEN hidden THEN 'suppressed' ELSE 'final' END AS state
FROM cell CROSS JOIN (VALUES ('lead'), ('equal'), ('effort'), ('shapley')) AS rules (attribution)
ORDER BY indicator_id, cohort, unit_id, attribution;

INSERT INTO output_vs_effect BY NAME
SELECT
    unit_id, core_task_id, indicator_id, cohort, cohort_start, 1_000 + 7 * achieved AS outputs, 'missing' AS state
FROM cell
WHERE unit_id LIKE 'unit%' AND indicator_id IN ('indicator_0', 'indicator_1', 'indicator_2', 'indicator_3')
ORDER BY core_task_id, cohort, unit_id;

INSERT INTO cost_by_unit BY NAME
SELECT
    unit_id, 'task_' || t AS core_task_id, y::VARCHAR AS period, make_date(y, 1, 1) AS period_start, 'actual' AS kind, 'direct' AS cost_class,
    'DKK' AS currency, 1_000_000_000 + 1_000 * t AS nominal_ore, 1_000_000_000 + 1_000 * t AS fixed_ore, 2026 AS price_year
FROM dim_unit CROSS JOIN range(4) AS tasks (t) CROSS JOIN range(2024, 2027) AS years (y)
WHERE level = 'institution'
ORDER BY unit_id, core_task_id, period;
