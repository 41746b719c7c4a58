-- mart_claimed.sql  attributed effects of every cell under every rule, with their limits and their state
-- reads       judged, share_of, indicator, whole, case_of, claim_cell, claim_limit (claim_no -> limits and what is hidden), meeting_grid
-- parameters  $parts whole parts of one effect
-- grain       position x unit_id x grid x cohort_start x rule. `lead` for every cohort of an indicator that leads for cost; the other rules where
--             some case of the indicator has several direct parties
-- columns     effects, effects_low, effects_high  sum of weights, attributed, with 95 % limits; null unless the state is final
--             effect_parts, own_parts             the same in whole parts, without weight; the unit's own, without units below
--             cohort_state                        suppressed, immature, missing or final
-- A rule other than lead waits for the whole municipality's cohort: whoever is still pending elsewhere may turn out to be shared with this unit.
CREATE TABLE claimed AS
WITH own_lead AS (
    SELECT
        position, unit_id, meeting_grid.grid, period_start(case_of.period_start, meeting_grid.grid) AS cohort_start,
        count_if(achieved) AS achieved
    FROM case_of
    CROSS JOIN meeting_grid
    GROUP BY ALL
),
led AS (
    SELECT
        judged.position, judged.unit_id, judged.grid, judged.cohort_start, 'lead' AS rule,
        judged.denominator AS cases,
        judged.achieved,
        whole.parts::HUGEINT * judged.achieved AS effect_parts,
        whole.parts::HUGEINT * coalesce(own_lead.achieved, 0) AS own_parts,
        share_of.share_low * judged.denominator * (whole.parts / $parts::DOUBLE) AS low,
        share_of.share_high * judged.denominator * (whole.parts / $parts::DOUBLE) AS high,
        hide_share AS is_hidden,
        pending > 0 AS is_pending,
        'wilson' AS limits,
        'lead' AS basis
    FROM judged
    JOIN share_of USING (cell_id)
    JOIN whole USING (position)
    SEMI JOIN meeting_grid ON meeting_grid.grid = judged.grid
    LEFT JOIN own_lead
        ON own_lead.position = judged.position AND own_lead.unit_id = judged.unit_id AND own_lead.grid = judged.grid
        AND own_lead.cohort_start IS NOT DISTINCT FROM judged.cohort_start
),
waiting AS (
    SELECT position, grid, cohort_start, pending > 0 AS is_pending
    FROM judged
    WHERE unit_id = '(all)'
),
shared AS (
    SELECT
        claim_cell.position, claim_cell.unit_id, claim_cell.grid, claim_cell.cohort_start, claim_cell.rule,
        claim_cell.cases,
        claim_cell.achieved,
        claim_cell.effect_parts,
        claim_cell.own_parts,
        claim_limit.low,
        claim_limit.high,
        claim_limit.is_hidden,
        waiting.is_pending,
        'wilson_effective' AS limits,
        CASE
            WHEN claim_cell.rule = 'equal' OR n_fallen = 0 THEN CASE claim_cell.rule WHEN 'effort' THEN 'minutes' ELSE claim_cell.rule END
            WHEN n_fallen = n_basis THEN 'equal'
            ELSE CASE claim_cell.rule WHEN 'effort' THEN 'minutes' ELSE claim_cell.rule END || ', in part equal'
        END AS basis
    FROM claim_cell
    JOIN claim_limit USING (claim_no)
    JOIN waiting
        ON waiting.position = claim_cell.position AND waiting.grid = claim_cell.grid
        AND waiting.cohort_start IS NOT DISTINCT FROM claim_cell.cohort_start
),
stated AS (
    SELECT
        *,
        CASE
            WHEN is_hidden THEN 'suppressed'
            WHEN is_pending THEN 'immature'
            WHEN cases = 0 THEN 'missing'
            ELSE 'final'
        END AS cohort_state
    FROM (FROM led UNION ALL BY NAME FROM shared)
)
SELECT
    stated.* EXCLUDE (cases, achieved, effect_parts, own_parts, low, high, is_hidden, is_pending),
    CASE WHEN cohort_state = 'final' THEN cases END AS cases,
    CASE WHEN cohort_state = 'final' THEN achieved END AS achieved,
    CASE WHEN cohort_state = 'final' THEN effect_parts END AS effect_parts,
    CASE WHEN cohort_state = 'final' THEN own_parts END AS own_parts,
    CASE WHEN cohort_state = 'final' THEN weight * effect_parts / $parts END AS effects,
    CASE WHEN cohort_state = 'final' THEN weight * low END AS effects_low,
    CASE WHEN cohort_state = 'final' THEN weight * high END AS effects_high
FROM stated
JOIN indicator USING (position);
