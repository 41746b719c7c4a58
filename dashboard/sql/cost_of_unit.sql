-- cost_of_unit.sql   what is booked on one unit, all cost classes added up
-- parameters         $unit_id
-- grain              one row per core task, period, kind and currency
SELECT
    core_task_id, period, period_start, kind, currency,
    sum(nominal_ore)::BIGINT AS nominal_ore, CASE WHEN count(*) = count(fixed_ore) THEN sum(fixed_ore)::BIGINT END AS fixed_ore,
    max(price_year) AS price_year
FROM cost_by_unit
WHERE unit_id = $unit_id
GROUP BY ALL
ORDER BY core_task_id, kind, currency, period_start NULLS FIRST
