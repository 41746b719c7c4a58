-- disclosure_cell.sql  what of each cell must stay hidden: primary suppression, and nothing left that gives it away within the row
-- reads       cell, estimate
-- parameters  $k smallest count of persons and of records that may be shown; 1 turns suppression off
-- grain       one row per cell
-- columns     hide_cell      all of it: the cohort itself is small
--             hide_share     effects, their complement or their base are small, or one outcome is that of everybody: only the cohort size stays
--             hide_split     not_achieved and competing: one of them is small, their sum is not
--             hide_sight     pending, matured, censored, unmeasured: one of them is small, or would follow from the others
--             hide_size      cohort_size: its difference from the denominator is small
--             hide_estimate  estimate and curve: few effects or few other ends are behind them, or everybody has the effect
CREATE TABLE judged AS
WITH counted AS (
    SELECT
        cell.*,
        cohort_size - pending AS matured,
        achieved + not_achieved + competing AS denominator,
        not_achieved + competing AS missed,
        censored + unmeasured AS unseen,
        pending + censored + unmeasured AS rest,
        estimate.estimate, estimate.estimate_low, estimate.estimate_high,
        coalesce(estimate.n_events, 0) AS n_events,
        coalesce(estimate.n_competing, 0) AS n_competing,
        coalesce(estimate.followed, false) AS followed
    FROM cell
    LEFT JOIN estimate
        ON estimate.position = cell.position AND estimate.unit_id = cell.unit_id AND estimate.grid = cell.grid
        AND estimate.cohort_start IS NOT DISTINCT FROM cell.cohort_start
),
cells AS (
    SELECT *, is_small(cohort_size, $k) OR is_small(persons, $k) AS hide_cell
    FROM counted
),
shares AS (
    SELECT
        *,
        hide_cell
        OR is_small(achieved, $k) OR is_small(achieved_persons, $k)
        OR is_small(missed, $k) OR is_small(missed_persons, $k)
        OR is_small(denominator, $k) OR is_small(denominator_persons, $k)
        OR ($k > 1 AND denominator > 0 AND (achieved = denominator OR competing = denominator)) AS hide_share
    FROM cells
)
SELECT
    *,
    hide_share
    OR is_small(not_achieved, $k) OR is_small(not_achieved_persons, $k)
    OR is_small(competing, $k) OR is_small(competing_persons, $k) AS hide_split,
    hide_share
    OR is_small(pending, $k) OR is_small(pending_persons, $k)
    OR is_small(unseen, $k) OR is_small(unseen_persons, $k)
    OR is_small(censored, $k) OR is_small(censored_persons, $k)
    OR is_small(unmeasured, $k) OR is_small(unmeasured_persons, $k) AS hide_sight,
    hide_cell OR (NOT hide_share AND denominator > 0 AND (is_small(rest, $k) OR is_small(rest_persons, $k))) AS hide_size,
    hide_share OR is_small(n_events, $k) OR is_small(n_competing, $k) OR ($k > 1 AND estimate >= 1) AS hide_estimate
FROM shares;
