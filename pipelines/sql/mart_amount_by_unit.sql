-- mart_amount_by_unit.sql
-- reads       amount_count, amount_kind (amount_no -> id, core task)
-- parameters  $grid, $k
-- grain       unit x amount x period x currency
INSERT INTO mart.amount_by_unit BY NAME
SELECT
    unit_id,
    core_task_id,
    amount_id,
    period_label(period_start, $grid) AS period,
    period_start,
    period_end(period_start, $grid) AS period_end,
    currency,
    CASE WHEN NOT is_hidden THEN events END AS events,
    CASE WHEN NOT is_hidden THEN subjects END AS subjects,
    CASE WHEN NOT is_hidden THEN amount_ore::BIGINT END AS amount_ore,
    CASE WHEN is_hidden THEN 'suppressed' ELSE 'final' END AS state,
    CASE WHEN is_hidden THEN 'fewer than ' || $k || ' persons or events behind the figure' END AS reason
FROM (SELECT *, is_small(events, $k) OR is_small(subjects, $k) AS is_hidden FROM amount_count)
JOIN amount_kind USING (amount_no)
ORDER BY core_task_id, amount_id, unit_id, period_start NULLS FIRST;
