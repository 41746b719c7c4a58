-- view_hidden_or_missing.sql   what is not shown, how often, and why
-- reads      effect_by_unit, effect_per_krone, output_by_unit, funnel, output_vs_effect
-- grain      one row per table x core task x state x reason
-- runs in    DuckDB and PostgreSQL
WITH told AS (
    SELECT 'effect_by_unit' AS table_name, core_task_id, state, reason FROM effect_by_unit
    UNION ALL
    SELECT 'effect_per_krone' AS table_name, core_task_id, state, reason FROM effect_per_krone
    UNION ALL
    SELECT 'output_by_unit' AS table_name, core_task_id, state, reason FROM output_by_unit
    UNION ALL
    SELECT 'funnel' AS table_name, core_task_id, state, reason FROM funnel
    UNION ALL
    SELECT 'output_vs_effect' AS table_name, core_task_id, state, reason FROM output_vs_effect
)

SELECT table_name, core_task_id, state, reason, count(*) AS n_rows
FROM told
WHERE state <> 'final'
GROUP BY 1, 2, 3, 4
