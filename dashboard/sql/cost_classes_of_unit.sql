-- cost_classes_of_unit.sql   what is booked on one unit by class, all periods together
-- parameters                 $unit_id
-- grain                      one row per core task, kind, cost class and currency
SELECT
    core_task_id, kind, cost_class, currency,
    sum(nominal_ore)::BIGINT AS nominal_ore, CASE WHEN count(*) = count(fixed_ore) THEN sum(fixed_ore)::BIGINT END AS fixed_ore
FROM cost_by_unit
WHERE unit_id = $unit_id AND (period = 'all' OR NOT EXISTS (FROM cost_by_unit WHERE period = 'all'))
GROUP BY ALL
ORDER BY core_task_id, kind, cost_class, currency
