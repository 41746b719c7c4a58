-- mart_ledger_by_class.sql  every ledger line in exactly one class, at the unit and in the period that it is booked at
-- reads       src_event (the ledger itself), cost_line
-- parameters  $cost_grid
-- grain       booked unit x period of the accounting date x kind x currency
INSERT INTO mart.ledger_by_class BY NAME
WITH told AS (
    SELECT
        coalesce(unit, subject) AS unit_id, period_start(occurred_on, $cost_grid) AS period_start,
        coalesce(fields ->> '$.kind', 'actual') AS kind, coalesce(fields ->> '$.currency', 'DKK') AS currency,
        amount_ore AS ledger_ore
    FROM src_event
    WHERE type = 'finance.ledger_posted'
    UNION ALL BY NAME
    SELECT
        booked_unit AS unit_id, period_start(booked_on, $cost_grid) AS period_start, kind, currency, cost_class, nominal_ore,
        period_start(cost_on, $cost_grid) IS DISTINCT FROM period_start(booked_on, $cost_grid) AS is_other_period,
        unit_id <> booked_unit AS is_other_unit
    FROM cost_line
),
summed AS (
    SELECT
        unit_id, period_start, kind, currency,
        coalesce(sum(ledger_ore), 0) AS ledger_ore,
        coalesce(sum(nominal_ore) FILTER (cost_class = 'direct'), 0) AS direct_ore,
        coalesce(sum(nominal_ore) FILTER (cost_class = 'internal'), 0) AS internal_ore,
        coalesce(sum(nominal_ore) FILTER (cost_class = 'intermunicipal'), 0) AS intermunicipal_ore,
        coalesce(sum(nominal_ore) FILTER (cost_class = 'refund'), 0) AS refund_ore,
        coalesce(sum(nominal_ore) FILTER (cost_class = 'transfer'), 0) AS transfer_ore,
        coalesce(sum(nominal_ore) FILTER (cost_class = 'transfer_refund'), 0) AS transfer_refund_ore,
        coalesce(sum(nominal_ore) FILTER (cost_class = 'capital'), 0) AS capital_ore,
        coalesce(sum(nominal_ore) FILTER (cost_class = 'unallocated'), 0) AS unallocated_ore,
        coalesce(sum(nominal_ore) FILTER (cost_class = 'unmapped'), 0) AS unmapped_ore,
        coalesce(sum(nominal_ore) FILTER (is_other_period), 0) AS other_period_ore,
        coalesce(sum(nominal_ore) FILTER (is_other_unit), 0) AS other_unit_ore
    FROM told
    GROUP BY ALL
)
SELECT
    unit_id,
    period_label(period_start, $cost_grid) AS period,
    period_start,
    period_end(period_start, $cost_grid) AS period_end,
    kind,
    currency,
    ledger_ore::BIGINT AS ledger_ore,
    direct_ore::BIGINT AS direct_ore,
    internal_ore::BIGINT AS internal_ore,
    intermunicipal_ore::BIGINT AS intermunicipal_ore,
    refund_ore::BIGINT AS refund_ore,
    transfer_ore::BIGINT AS transfer_ore,
    transfer_refund_ore::BIGINT AS transfer_refund_ore,
    capital_ore::BIGINT AS capital_ore,
    unallocated_ore::BIGINT AS unallocated_ore,
    unmapped_ore::BIGINT AS unmapped_ore,
    other_period_ore::BIGINT AS other_period_ore,
    other_unit_ore::BIGINT AS other_unit_ore,
    (
        ledger_ore - direct_ore - internal_ore - intermunicipal_ore - refund_ore - transfer_ore
        - transfer_refund_ore - capital_ore - unallocated_ore - unmapped_ore
    )::BIGINT AS difference_ore
FROM summed
ORDER BY ALL;
