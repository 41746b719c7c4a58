-- mart_cost_by_unit.sql
-- reads       cost_cell
-- parameters  $cost_grid, $price_year (null: as booked), $currency
-- grain       unit x core task x period x kind x cost class x currency
INSERT INTO mart.cost_by_unit BY NAME
SELECT
    unit_id,
    core_task_id,
    period_label(cost_start, $cost_grid) AS period,
    cost_start AS period_start,
    period_end(cost_start, $cost_grid) AS period_end,
    kind,
    cost_class,
    currency,
    sum(nominal_ore)::BIGINT AS nominal_ore,
    CASE WHEN count(*) = count(fixed_ore) THEN sum(fixed_ore)::BIGINT END AS fixed_ore,
    CASE WHEN bool_and(is_deflated) AND currency = $currency AND count(*) = count(fixed_ore) THEN $price_year::INTEGER END AS price_year,
    CASE WHEN currency = $currency THEN max(price_index) END AS price_index,
    sum(direct_ore)::BIGINT AS direct_ore,
    sum(allocated_ore)::BIGINT AS allocated_ore,
    sum(expenditure_ore)::BIGINT AS expenditure_ore,
    sum(income_ore)::BIGINT AS income_ore
FROM cost_cell
GROUP BY unit_id, core_task_id, cost_start, kind, cost_class, currency
ORDER BY ALL;
