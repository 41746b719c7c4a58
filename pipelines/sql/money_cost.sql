-- money_cost.sql  cost per placement, core task and period, nominal and in fixed prices
-- reads       cost_line, placement, price_factor (year -> factor to the price year in units of 1e-12)
-- parameters  $cost_grid periods of cost_by_unit; $compare_grid periods in which cost meets effects; $currency the municipality's
--             $deflated cost classes that the price index covers; $as_of the day up to which cost meets effects
-- grain       one row per placement, core task, kind, class, currency, both periods, posting year and whether it is past
-- Rounding    each row's sum is multiplied by its year's factor in whole numbers and rounded half away from zero, once: sums over units, parents and
--             periods add up exactly, since they add these rows. What the index does not cover stays at the prices it was booked in.
CREATE TABLE cost_cell AS
WITH summed AS (
    SELECT
        placement.placement, cost_line.unit_id, core_task_id, kind, cost_class, currency,
        period_start(booked_on, $cost_grid) AS cost_start,
        period_start(booked_on, $compare_grid) AS compare_start,
        year(booked_on) AS booked_year,
        booked_on <= $as_of::DATE AS is_past,
        sum(nominal_ore) AS nominal_ore,
        sum(expenditure_ore) AS expenditure_ore,
        sum(income_ore) AS income_ore
    FROM cost_line
    JOIN placement
        ON placement.unit_id = cost_line.unit_id AND booked_on >= placement.valid_from AND booked_on < placement.valid_to
    GROUP BY ALL
)
SELECT
    summed.*,
    list_contains($deflated, cost_class) AS is_deflated,
    CASE
        WHEN currency <> $currency THEN NULL
        WHEN NOT list_contains($deflated, cost_class) THEN nominal_ore
        ELSE sign(nominal_ore) * ((abs(nominal_ore) * price_factor.factor + 500000000000) // 1000000000000)
    END AS fixed_ore
FROM summed
LEFT JOIN price_factor USING (booked_year);
