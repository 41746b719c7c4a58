-- mart_claim.sql  each direct party's part of the effect of a shared case, under every rule but lead, in whole parts that add up exactly
-- reads       party, case_of, whole (indicator -> parts of one effect that units share), shapley_stake (combination x unit, where the numbers allow)
-- parameters  $rules the rules but lead, under which the case is its lead unit's
-- grain       shared case x rule x unit
-- columns     parts   of one effect
--             basis   what decided: equal, minutes, shapley; `equal` under effort and shapley means that their numbers were not there
-- Largest remainder: stakes in proportion, rounded down; what is left goes to the largest remainders, ties by unit id.
CREATE TABLE claim AS
WITH shared AS (
    SELECT * FROM party WHERE is_direct AND n_direct > 1
),
combined AS (
    SELECT case_no, list(unit_id ORDER BY unit_id) AS units FROM shared GROUP BY case_no
),
staked AS (
    SELECT case_no, position, unit_id, rule, basis, stake::HUGEINT AS stake
    FROM (
        SELECT case_no, position, unit_id, 'equal' AS rule, 'equal' AS basis, 1 AS stake FROM shared
        UNION ALL
        SELECT
            case_no, position, unit_id, 'effort', CASE WHEN has_minutes THEN 'minutes' ELSE 'equal' END,
            CASE WHEN has_minutes THEN (minutes * 1000000000)::HUGEINT ELSE 1 END
        FROM shared
        UNION ALL
        SELECT
            case_no, shared.position, shared.unit_id, 'shapley', CASE WHEN shapley_stake.stake IS NULL THEN 'equal' ELSE 'shapley' END,
            coalesce(shapley_stake.stake, 1)
        FROM shared
        JOIN combined USING (case_no)
        LEFT JOIN shapley_stake
            ON shapley_stake.position = shared.position AND shapley_stake.units = combined.units AND shapley_stake.unit_id = shared.unit_id
    )
    WHERE list_contains($rules, rule)
),
divided AS (
    SELECT
        staked.*,
        whole.parts AS whole,
        whole.parts * stake // sum(stake) OVER of_case AS floor_parts,
        whole.parts * stake % sum(stake) OVER of_case AS remainder
    FROM staked
    JOIN whole USING (position)
    WINDOW of_case AS (PARTITION BY case_no, rule)
),
ranked AS (
    SELECT
        *,
        row_number() OVER (PARTITION BY case_no, rule ORDER BY remainder DESC, unit_id) AS place,
        whole - sum(floor_parts) OVER (PARTITION BY case_no, rule) AS left_over
    FROM divided
)
SELECT case_no, rule, unit_id, basis, (floor_parts + (place <= left_over)::INTEGER)::BIGINT AS parts
FROM ranked;
