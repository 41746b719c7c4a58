-- mart_expected_cell.sql  the cells of one comparison with what is observed and expected in them
-- reads       judged, expectation, placement
-- parameters  $position; $quantity achieved | time; $matured whether only the matured are compared; $k
-- grain       one row per cell, ordered by cohort and unit
-- columns     hidden   too few persons behind it; a sum of times rests on those who achieve only
--                      (where everybody achieves, their number is that of the cohort, and hidden with it)
--                      (effects of the immature are no second way to the effects of the matured: a small difference is hidden too)
--             is_own   a unit that events name itself: over-dispersion and ranks are among these, a parent beside its children would count twice
SELECT
    judged.cell_id, judged.unit_id, judged.grid, judged.cohort_start, judged.pending,
    judged.hide_share OR (NOT $matured AND (judged.hide_sight OR judged.hide_size)) AS hide_compared,
    coalesce(expectation.n, 0) AS n, coalesce(expectation.n_known, 0) AS n_known, expectation.observed, expectation.expected,
    CASE
        WHEN $quantity = 'time' THEN judged.hide_cell OR is_small(judged.achieved, $k) OR is_small(judged.achieved_persons, $k)
            OR CASE WHEN judged.achieved = judged.denominator THEN judged.hide_size ELSE judged.hide_share END
        ELSE judged.hide_share OR is_small(expectation.n, $k)
            OR is_small(expectation.observed, $k) OR is_small(expectation.n - expectation.observed, $k)
            OR (NOT $matured AND (judged.hide_estimate OR is_small(abs(expectation.observed - judged.achieved), $k)))
    END AS hidden,
    judged.unit_id <> '(unmatched)' AND judged.unit_id IN (SELECT unit_id FROM placement) AS is_own
FROM judged
LEFT JOIN expectation ON expectation.position = judged.position AND expectation.place = judged.place
WHERE judged.position = $position
ORDER BY judged.grid, judged.cohort_start NULLS FIRST, judged.unit_id;
