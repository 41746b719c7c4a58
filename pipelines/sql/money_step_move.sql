-- money_step_move.sql  one step: each source's amount spread over the receivers in step with their basis, to the oere
-- reads       step_balance, step_receiver
-- parameters  $step_no, $key_no
-- grain       one row per source row and receiver
-- Largest remainder: each receiver gets the whole oere of its share; the few left over go one each to the largest remainders, ties by unit, core
-- task and placement. Whole numbers only, so that the parts add up to the amount whatever its sign.
INSERT INTO cost_move BY NAME
WITH numbered AS (
    SELECT row_number() OVER () AS source_no, * FROM step_balance
),
shared AS (
    SELECT
        numbered.*,
        step_receiver.placement AS to_placement,
        step_receiver.core_task_id AS to_core_task,
        step_receiver.unit_id AS to_unit,
        abs(ore) * step_receiver.basis AS product,
        sum(step_receiver.basis) OVER (PARTITION BY source_no) AS whole_basis
    FROM numbered
    JOIN step_receiver
        ON step_receiver.period_from = numbered.period_from
        AND (step_receiver.kind IS NULL OR step_receiver.kind = numbered.kind)
        AND (step_receiver.currency IS NULL OR step_receiver.currency = numbered.currency)
),
rounded AS (
    SELECT
        *,
        product // whole_basis AS whole_ore,
        row_number() OVER (PARTITION BY source_no ORDER BY product % whole_basis DESC, to_unit, to_core_task, to_placement) AS place,
        abs(ore) - sum(product // whole_basis) OVER (PARTITION BY source_no) AS left_over
    FROM shared
)
SELECT
    $step_no AS step_no, $key_no AS key_no, placement, core_task_id, cost_class, came_by, to_placement, to_core_task,
    kind, currency, cost_start, compare_start, cost_year, is_past,
    (sign(ore) * (whole_ore + CASE WHEN place <= left_over THEN 1 ELSE 0 END))::HUGEINT AS amount_ore
FROM rounded
WHERE whole_ore > 0 OR place <= left_over;
