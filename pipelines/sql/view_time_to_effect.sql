-- view_time_to_effect.sql   how long it takes: when half of the effect that is seen has come, and how far the curve reaches
-- reads      effect_curve, dim_unit, dim_indicator
-- grain      one row per unit x indicator x version x cohort with a curve on which somebody has the effect
-- runs in    DuckDB and PostgreSQL
WITH reached AS (
    SELECT unit_id, core_task_id, indicator_id, indicator_version, cohort, time_unit, max(incidence) AS incidence, max("time") AS followed_to
    FROM effect_curve
    WHERE incidence IS NOT NULL
    GROUP BY 1, 2, 3, 4, 5, 6
),

half AS (
    SELECT curve.unit_id, curve.indicator_id, curve.indicator_version, curve.cohort, min(curve."time") AS half_at
    FROM effect_curve AS curve
    INNER JOIN reached
        ON reached.unit_id = curve.unit_id AND reached.indicator_id = curve.indicator_id
        AND reached.indicator_version = curve.indicator_version AND reached.cohort = curve.cohort
    WHERE curve.incidence >= reached.incidence / 2 AND reached.incidence > 0
    GROUP BY 1, 2, 3, 4
)

SELECT told.unit_id, coalesce(unit.name, told.unit_id) AS unit_name, told.core_task_id, told.indicator_id, told.indicator_version,
    indicator.name AS indicator_name, told.cohort, told.time_unit, half.half_at, told.followed_to, told.incidence
FROM reached AS told
INNER JOIN half
    ON half.unit_id = told.unit_id AND half.indicator_id = told.indicator_id
    AND half.indicator_version = told.indicator_version AND half.cohort = told.cohort
LEFT JOIN (
    SELECT unit_id, name, row_number() OVER (PARTITION BY unit_id ORDER BY coalesce(valid_from, DATE '0001-01-01') DESC) AS place FROM dim_unit
) AS unit ON unit.unit_id = told.unit_id AND unit.place = 1
LEFT JOIN dim_indicator AS indicator ON indicator.indicator_id = told.indicator_id AND indicator.version = told.indicator_version
