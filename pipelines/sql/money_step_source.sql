-- money_step_source.sql  what stands at one step's sources by then
-- reads       cost_pool, cost_move, step_source (step_no, unit_id or null, core_task_id), placement
-- parameters  $step_no, $kind or null, $valid_from, $valid_to or null: the step holds for periods whose first day lies in it; $passed_on the classes
-- grain       one row per placement, core task, kind, class, key it came by (or null), currency, both periods, year and whether past
CREATE OR REPLACE TABLE step_balance AS
WITH balance AS (
    SELECT placement, core_task_id, kind, cost_class, NULL::INTEGER AS came_by, currency, cost_start, compare_start, cost_year, is_past, direct_ore AS ore
    FROM cost_pool
    UNION ALL
    SELECT to_placement, to_core_task, kind, 'allocated', key_no, currency, cost_start, compare_start, cost_year, is_past, amount_ore
    FROM cost_move
    UNION ALL
    SELECT placement, core_task_id, kind, cost_class, came_by, currency, cost_start, compare_start, cost_year, is_past, -amount_ore
    FROM cost_move
),
standing AS (
    SELECT
        balance.* EXCLUDE (ore),
        coalesce(cost_start, make_date(cost_year, 1, 1)) AS period_from,
        sum(ore) AS ore
    FROM balance
    JOIN placement USING (placement)
    SEMI JOIN step_source
        ON step_source.step_no = $step_no AND step_source.core_task_id = balance.core_task_id
        AND (step_source.unit_id IS NULL OR step_source.unit_id = placement.unit_id)
    WHERE list_contains($passed_on, cost_class) AND ($kind IS NULL OR kind = $kind)
    GROUP BY ALL
    HAVING sum(ore) <> 0
)
FROM standing
WHERE ($valid_from IS NULL OR period_from >= $valid_from) AND ($valid_to IS NULL OR period_from < $valid_to);
