-- money_step_stuck.sql  what one step could not spread, since its key has no basis in the period: it stays where it was
-- reads       step_balance, step_receiver
-- parameters  $step_no, $key_no
-- grain       one row per source row
INSERT INTO cost_stuck BY NAME
SELECT $step_no AS step_no, $key_no AS key_no, placement, core_task_id, kind, currency, cost_start, cost_year, ore AS amount_ore
FROM step_balance
ANTI JOIN step_receiver
    ON step_receiver.period_from = step_balance.period_from
    AND (step_receiver.kind IS NULL OR step_receiver.kind = step_balance.kind)
    AND (step_receiver.currency IS NULL OR step_receiver.currency = step_balance.currency);
