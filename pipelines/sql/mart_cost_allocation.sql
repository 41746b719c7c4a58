-- mart_cost_allocation.sql  each step of allocation: from whom, by which key, to whom, how much
-- reads       cost_move, cost_stuck, allocation_key, allocation_step, placement
-- parameters  $cost_grid
-- grain       step x from unit x from core task x to unit x to core task x period x kind x currency; where a key has no basis, one row without receiver
INSERT INTO mart.cost_allocation BY NAME
WITH told AS (
    SELECT step_no, key_no, placement, core_task_id, to_placement, to_core_task, cost_start, kind, currency, amount_ore FROM cost_move
    UNION ALL
    SELECT step_no, key_no, placement, core_task_id, NULL, NULL, cost_start, kind, currency, amount_ore FROM cost_stuck
)
SELECT
    told.step_no + 1 AS step,
    allocation_step.step_id,
    allocation_key.key_id,
    allocation_key.by AS key_by,
    allocation_key.source AS key_source,
    sender.unit_id AS from_unit_id,
    told.core_task_id AS from_core_task_id,
    receiver.unit_id AS to_unit_id,
    told.to_core_task AS to_core_task_id,
    period_label(cost_start, $cost_grid) AS period,
    cost_start AS period_start,
    period_end(cost_start, $cost_grid) AS period_end,
    kind,
    currency,
    sum(amount_ore)::BIGINT AS amount_ore,
    CASE WHEN receiver.unit_id IS NULL THEN 'missing' ELSE 'final' END AS state,
    CASE WHEN receiver.unit_id IS NULL THEN 'the key ' || allocation_key.key_id || ' has no basis in this period, so the amount stays where it was' END
        AS reason
FROM told
JOIN allocation_step USING (step_no)
JOIN allocation_key USING (key_no)
JOIN placement AS sender ON sender.placement = told.placement
LEFT JOIN placement AS receiver ON receiver.placement = told.to_placement
GROUP BY ALL
ORDER BY ALL;
