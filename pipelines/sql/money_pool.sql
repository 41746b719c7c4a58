-- money_pool.sql  mapped cost per placement, core task and period, before anything is allocated
-- reads       cost_line, placement
-- parameters  $cost_grid periods of cost_by_unit; $compare_grid periods in which cost meets effects; $as_of the day up to which cost meets effects
-- grain       one row per placement, core task, kind, class, currency, both periods, year of cost and whether it is past
-- columns     period_from, period_to the days over which an allocation key is measured: the cost period, or the year where there is none
CREATE TABLE cost_pool AS
SELECT
    placement.placement, cost_line.unit_id, core_task_id, kind, cost_class, currency,
    period_start(cost_on, $cost_grid) AS cost_start,
    period_start(cost_on, $compare_grid) AS compare_start,
    year(cost_on) AS cost_year,
    greatest(cost_on, booked_on) <= $as_of::DATE AS is_past,
    coalesce(period_start(cost_on, $cost_grid), make_date(year(cost_on), 1, 1)) AS period_from,
    coalesce(period_end(period_start(cost_on, $cost_grid), $cost_grid), make_date(year(cost_on), 12, 31)) AS period_to,
    sum(nominal_ore)::HUGEINT AS direct_ore,
    sum(expenditure_ore)::HUGEINT AS expenditure_ore,
    sum(income_ore)::HUGEINT AS income_ore
FROM cost_line
JOIN placement
    ON placement.unit_id = cost_line.unit_id AND cost_on >= placement.valid_from AND cost_on < placement.valid_to
GROUP BY ALL;
