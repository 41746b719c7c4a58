-- mart_ledger_reconciliation.sql  the ledger as it stands against what reached cost_by_unit
-- reads   src_event (the ledger itself, not the postings made of it), mart.cost_by_unit
-- grain   kind x currency
INSERT INTO mart.ledger_reconciliation BY NAME
WITH ledger AS (
    SELECT coalesce(fields ->> '$.kind', 'actual') AS kind, coalesce(fields ->> '$.currency', 'DKK') AS currency, sum(amount_ore) AS ledger_ore
    FROM src_event
    WHERE type = 'finance.ledger_posted'
    GROUP BY ALL
),
placed AS (
    SELECT
        kind, currency,
        coalesce(sum(nominal_ore) FILTER (core_task_id NOT IN ('(unallocated)', '(unmapped)')), 0) AS mapped_ore,
        coalesce(sum(nominal_ore) FILTER (core_task_id = '(unallocated)'), 0) AS unallocated_ore,
        coalesce(sum(nominal_ore) FILTER (core_task_id = '(unmapped)'), 0) AS unmapped_ore
    FROM mart.cost_by_unit
    GROUP BY ALL
)
SELECT
    kind,
    currency,
    coalesce(ledger_ore, 0)::BIGINT AS ledger_ore,
    coalesce(mapped_ore, 0)::BIGINT AS mapped_ore,
    coalesce(unallocated_ore, 0)::BIGINT AS unallocated_ore,
    coalesce(unmapped_ore, 0)::BIGINT AS unmapped_ore,
    (coalesce(ledger_ore, 0) - coalesce(mapped_ore, 0) - coalesce(unallocated_ore, 0) - coalesce(unmapped_ore, 0))::BIGINT AS difference_ore
FROM ledger
FULL JOIN placed USING (kind, currency)
ORDER BY ALL;
