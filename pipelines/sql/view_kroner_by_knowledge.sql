-- view_kroner_by_knowledge.sql   the whole ledger by what is known of its effect; the rows of a currency add up to the ledger
-- reads      cost_by_unit, effect_per_krone
-- grain      one row per core task x part x currency, actual postings
-- runs in    DuckDB and PostgreSQL
WITH known AS (
    SELECT DISTINCT unit_id, core_task_id FROM effect_per_krone WHERE state IN ('final', 'not_bounded')
)

SELECT cost.core_task_id,
    CASE
        WHEN cost.core_task_id IN ('(unallocated)', '(unmapped)') THEN 'no core task'
        WHEN cost.cost_class NOT IN ('direct', 'internal', 'intermunicipal', 'allocated') THEN 'not effort'
        WHEN known.unit_id IS NOT NULL THEN 'effort with a known effect'
        ELSE 'effort without a known effect'
    END AS part,
    cost.currency,
    CAST(sum(cost.nominal_ore) AS BIGINT) AS nominal_ore,
    CAST(sum(cost.nominal_ore) AS DOUBLE PRECISION) / 100 AS kroner
FROM cost_by_unit AS cost
LEFT JOIN known ON known.unit_id = cost.unit_id AND known.core_task_id = cost.core_task_id
WHERE cost.kind = 'actual'
GROUP BY 1, 2, 3
