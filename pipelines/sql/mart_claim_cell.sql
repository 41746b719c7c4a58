-- mart_claim_cell.sql  every unit or ancestor x indicator x cohort: the cases it took part in, and the effects it shares in under each rule
-- reads       took_part, case_of, claim, whole, placement, placement_unit, meeting_grid
-- parameters  $rules the rules but lead
-- grain       position x unit_id x grid x cohort_start x rule; only indicators in which some case has several direct parties: elsewhere the
--             rules cannot differ
-- columns     cases, achieved                decided cases with the unit or one below it among the direct parties; each once, however many of its units took part
--             shared_*, helped_*             of these: with direct parties elsewhere too; led by a unit elsewhere
--             *_persons                      the persons behind them, for suppression
--             stake_parts, square_parts      sum of the unit's shares over all these cases, and of their squares (hugeint: exact in any order)
--             effect_parts, own_parts        sum of its shares of the achieved ones; of these, the unit's own, without units below
--             n_basis, n_fallen              shared cases, and those that fell back to equal shares
CREATE TABLE claim_cell AS
WITH counted AS (
    SELECT
        case_of.position, took_part.unit_id, meeting_grid.grid, period_start(case_of.period_start, meeting_grid.grid) AS cohort_start,
        count(*) AS cases,
        count_if(achieved) AS achieved,
        count_if(NOT is_shared) AS solo_cases,
        count_if(NOT is_shared AND achieved) AS solo_achieved,
        count_if(NOT is_shared AND achieved AND is_own) AS own_solo_achieved,
        count(DISTINCT subject_key) AS persons,
        count(DISTINCT subject_key) FILTER (achieved) AS achieved_persons,
        count(DISTINCT subject_key) FILTER (NOT achieved) AS missed_persons,
        count(DISTINCT subject_key) FILTER (is_crossing) AS shared_persons,
        count(DISTINCT subject_key) FILTER (is_crossing AND achieved) AS shared_achieved_persons,
        count(DISTINCT subject_key) FILTER (is_crossing AND NOT achieved) AS shared_missed_persons,
        count(DISTINCT subject_key) FILTER (is_helped) AS helped_persons,
        count(DISTINCT subject_key) FILTER (is_helped AND achieved) AS helped_achieved_persons,
        count(DISTINCT subject_key) FILTER (is_helped AND NOT achieved) AS helped_missed_persons
    FROM took_part
    JOIN case_of USING (case_no)
    CROSS JOIN meeting_grid
    GROUP BY ALL
),
of_case AS (
    SELECT
        claim.case_no, claim.rule, placement_unit.unit_id,
        sum(claim.parts) AS parts,
        coalesce(sum(claim.parts) FILTER (placement_unit.unit_id = claim.unit_id), 0) AS own_parts,
        bool_or(claim.basis = 'equal' AND claim.rule <> 'equal') AS fell_back
    FROM claim
    JOIN case_of USING (case_no)
    JOIN placement
        ON placement.unit_id = claim.unit_id AND case_of.index_on >= placement.valid_from AND case_of.index_on < placement.valid_to
    JOIN placement_unit USING (placement)
    GROUP BY ALL
),
shared AS (
    SELECT
        case_of.position, of_case.unit_id, meeting_grid.grid, period_start(case_of.period_start, meeting_grid.grid) AS cohort_start, of_case.rule,
        sum(of_case.parts::HUGEINT) AS stake_parts,
        sum(of_case.parts::HUGEINT * of_case.parts::HUGEINT) AS square_parts,
        coalesce(sum(of_case.parts::HUGEINT) FILTER (achieved), 0) AS effect_parts,
        coalesce(sum(of_case.own_parts::HUGEINT) FILTER (achieved), 0) AS own_parts,
        count(*) AS n_basis,
        count_if(fell_back) AS n_fallen
    FROM of_case
    JOIN case_of USING (case_no)
    CROSS JOIN meeting_grid
    GROUP BY ALL
),
ruled AS (
    SELECT counted.*, unnest($rules) AS rule FROM counted
)
SELECT
    row_number() OVER (ORDER BY ruled.position, ruled.rule, ruled.unit_id, ruled.grid, ruled.cohort_start) - 1 AS claim_no,
    ruled.* EXCLUDE (solo_cases, solo_achieved, own_solo_achieved),
    solo_cases * whole.parts::HUGEINT + coalesce(stake_parts, 0) AS stake_parts,
    solo_cases * (whole.parts::HUGEINT * whole.parts::HUGEINT) + coalesce(square_parts, 0) AS square_parts,
    solo_achieved * whole.parts::HUGEINT + coalesce(effect_parts, 0) AS effect_parts,
    own_solo_achieved * whole.parts::HUGEINT + coalesce(own_parts, 0) AS own_parts,
    coalesce(n_basis, 0) AS n_basis,
    coalesce(n_fallen, 0) AS n_fallen
FROM ruled
JOIN whole USING (position)
LEFT JOIN shared
    ON shared.position = ruled.position AND shared.unit_id = ruled.unit_id AND shared.grid = ruled.grid AND shared.rule = ruled.rule
    AND shared.cohort_start IS NOT DISTINCT FROM ruled.cohort_start;
