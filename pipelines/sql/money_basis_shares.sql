-- money_basis_shares.sql  what each unit and core task counts for in keys by weights and headcount
-- reads       key_share (millionths), allocation_key, cost_pool (its periods), placement
-- grain       one row per key, period, placement and core task
-- A share that holds for part of the period counts for its days.
INSERT INTO cost_basis BY NAME
WITH period AS (
    SELECT DISTINCT period_from, period_to FROM cost_pool
)
SELECT
    key_share.key_no, period.period_from, placement.placement, key_share.core_task_id,
    sum(key_share.millionths::HUGEINT * (
        least(key_share.valid_to, placement.valid_to, period.period_to + 1) - greatest(key_share.valid_from, placement.valid_from, period.period_from)
    ))::HUGEINT AS basis
FROM key_share
JOIN placement ON placement.unit_id = key_share.unit_id
JOIN period
    ON least(key_share.valid_to, placement.valid_to, period.period_to + 1) > greatest(key_share.valid_from, placement.valid_from, period.period_from)
GROUP BY ALL;
