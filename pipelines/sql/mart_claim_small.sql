-- mart_claim_small.sql  which claims must be hidden for what stands behind them, before what sums would give away
-- reads       claim_cell, judged
-- parameters  $k
-- grain       one row per claim, in the order of claim_no
-- columns     is_small   few persons behind the cases, the shared ones, or those led elsewhere; or the lead rule's own cell is hidden: the difference
--             between two rules rests on the shared cases alone
--             weight     persons with an effect shared with others: how much a sum of hidden claims must hold to tell of nobody
SELECT
    claim_cell.claim_no, claim_cell.position, claim_cell.rule, claim_cell.unit_id, claim_cell.grid, claim_cell.cohort_start,
    coalesce(judged.hide_share, false)
    OR claim_cell.unit_id <> '(all)' AND (
        is_small(claim_cell.persons, $k) OR is_small(claim_cell.achieved_persons, $k) OR is_small(claim_cell.missed_persons, $k)
        OR is_small(shared_persons, $k) OR is_small(shared_achieved_persons, $k) OR is_small(shared_missed_persons, $k)
        OR is_small(helped_persons, $k) OR is_small(helped_achieved_persons, $k) OR is_small(helped_missed_persons, $k)
        OR ($k > 1 AND claim_cell.achieved = claim_cell.cases)
        OR ($k > 1 AND shared_persons > 0 AND shared_missed_persons = 0)
    ) AS is_small,
    shared_achieved_persons AS weight
FROM claim_cell
LEFT JOIN judged
    ON judged.position = claim_cell.position AND judged.unit_id = claim_cell.unit_id AND judged.grid = claim_cell.grid
    AND judged.cohort_start IS NOT DISTINCT FROM claim_cell.cohort_start
ORDER BY claim_cell.claim_no;
