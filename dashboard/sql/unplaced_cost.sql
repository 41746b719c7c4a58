-- unplaced_cost.sql   kroner that stand on no core task, or on no unit: outside every effect per krone
-- grain               one row per core task line, unit line, kind, cost class and currency
SELECT
    core_task_id, CASE WHEN unit_id LIKE '(%' THEN unit_id END AS unit_line, kind, cost_class, currency,
    sum(nominal_ore)::BIGINT AS nominal_ore, sum(fixed_ore)::BIGINT AS fixed_ore, max(price_year) AS price_year
FROM cost_by_unit
WHERE core_task_id LIKE '(%' OR unit_id LIKE '(%'
GROUP BY ALL
ORDER BY kind, core_task_id, unit_line, cost_class, currency
