-- money_basis_direct.sql  direct cost of each unit and core task, as keys by direct cost count it
-- reads       cost_pool, allocation_key
-- parameters  $direct the classes of a unit's own effort
-- grain       one row per key, period, kind, currency, placement and core task; below zero counts as nothing
INSERT INTO cost_basis BY NAME
SELECT key_no, period_from, kind, currency, placement, core_task_id, sum(direct_ore)::HUGEINT AS basis
FROM cost_pool
JOIN allocation_key ON allocation_key.by = 'direct_cost'
WHERE list_contains($direct, cost_class) AND core_task_id NOT IN ('(unallocated)', '(unmapped)')
GROUP BY ALL
HAVING sum(direct_ore) > 0;
