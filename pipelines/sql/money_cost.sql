-- money_cost.sql  cost per placement, core task and period after all allocation, nominal and in fixed prices
-- reads       cost_pool, cost_move, allocation_key, price_factor (cost class x year -> factor to the price year in units of 1e-12)
-- parameters  $currency the municipality's
-- grain       one row per placement, core task, kind, class, currency, both periods, year of cost, whether it is past, and key it came by (or null)
-- Rounding    each row's sum is multiplied by its year's factor in whole numbers and rounded half away from zero, once: sums over units, parents and
--             periods add up exactly, since they add these rows. What no index covers stays at the prices it was booked in.
CREATE TABLE cost_cell AS
WITH parts AS (
    SELECT
        placement, core_task_id, kind, cost_class, currency, cost_start, compare_start, cost_year, is_past,
        NULL::INTEGER AS key_no, direct_ore, 0::HUGEINT AS allocated_ore, expenditure_ore, income_ore
    FROM cost_pool
    UNION ALL
    SELECT
        placement, core_task_id, kind, cost_class, currency, cost_start, compare_start, cost_year, is_past,
        NULL, 0, -amount_ore, 0, 0
    FROM cost_move
    WHERE cost_class <> 'allocated'
    UNION ALL
    SELECT
        to_placement, to_core_task, kind, 'allocated', currency, cost_start, compare_start, cost_year, is_past,
        key_no, 0, amount_ore, 0, 0
    FROM cost_move
    UNION ALL
    -- What had come by a key and was passed on leaves again under the key it came by.
    SELECT
        placement, core_task_id, kind, 'allocated', currency, cost_start, compare_start, cost_year, is_past,
        came_by, 0, -amount_ore, 0, 0
    FROM cost_move
    WHERE cost_class = 'allocated'
),
summed AS (
    SELECT
        placement, core_task_id, kind, cost_class, currency, cost_start, compare_start, cost_year, is_past, key_no,
        sum(direct_ore) AS direct_ore,
        sum(allocated_ore) AS allocated_ore,
        sum(direct_ore) + sum(allocated_ore) AS nominal_ore,
        sum(expenditure_ore) AS expenditure_ore,
        sum(income_ore) AS income_ore
    FROM parts
    GROUP BY ALL
)
SELECT
    summed.*,
    placement.unit_id,
    allocation_key.relative_se,
    price_factor.cost_class IS NOT NULL AS is_deflated,
    price_factor.price_index,
    CASE
        WHEN currency <> $currency THEN NULL
        WHEN price_factor.cost_class IS NULL THEN nominal_ore
        ELSE sign(nominal_ore) * ((abs(nominal_ore) * price_factor.factor + 500000000000) // 1000000000000)
    END AS fixed_ore
FROM summed
JOIN placement USING (placement)
LEFT JOIN allocation_key USING (key_no)
LEFT JOIN price_factor ON price_factor.cost_class = summed.cost_class AND price_factor.cost_year = summed.cost_year;
