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
-- Persons are counted apart from cases only where somebody has several cases of one indicator; elsewhere the two are the same.
CREATE TABLE claim_cell AS
WITH repeated AS (
    SELECT position, subject_key FROM case_of GROUP BY ALL HAVING count(*) > 1
),
single AS (
    SELECT
        case_of.position, took_part.unit_id, case_of.period_start,
        count(*) AS cases,
        count_if(achieved) AS achieved,
        count_if(NOT is_shared) AS solo_cases,
        count_if(NOT is_shared AND achieved) AS solo_achieved,
        count_if(NOT is_shared AND achieved AND is_own) AS own_solo_achieved,
        count_if(is_crossing) AS shared_persons,
        count_if(is_crossing AND achieved) AS shared_achieved_persons,
        count_if(is_helped) AS helped_persons,
        count_if(is_helped AND achieved) AS helped_achieved_persons
    FROM took_part
    JOIN case_of USING (case_no)
    ANTI JOIN repeated USING (position, subject_key)
    GROUP BY ALL
),
several AS (
    SELECT
        case_of.position, took_part.unit_id, meeting_grid.grid, period_start(case_of.period_start, meeting_grid.grid) AS cohort_start, subject_key,
        count(*) AS cases,
        count_if(achieved) AS achieved,
        count_if(NOT is_shared) AS solo_cases,
        count_if(NOT is_shared AND achieved) AS solo_achieved,
        count_if(NOT is_shared AND achieved AND is_own) AS own_solo_achieved,
        1 AS persons,
        bool_or(achieved)::INTEGER AS achieved_persons,
        bool_or(NOT achieved)::INTEGER AS missed_persons,
        bool_or(is_crossing)::INTEGER AS shared_persons,
        bool_or(is_crossing AND achieved)::INTEGER AS shared_achieved_persons,
        bool_or(is_crossing AND NOT achieved)::INTEGER AS shared_missed_persons,
        bool_or(is_helped)::INTEGER AS helped_persons,
        bool_or(is_helped AND achieved)::INTEGER AS helped_achieved_persons,
        bool_or(is_helped AND NOT achieved)::INTEGER AS helped_missed_persons
    FROM took_part
    JOIN case_of USING (case_no)
    SEMI JOIN repeated USING (position, subject_key)
    CROSS JOIN meeting_grid
    GROUP BY ALL
),
part AS (
    SELECT
        single.* EXCLUDE (period_start), meeting_grid.grid, period_start(single.period_start, meeting_grid.grid) AS cohort_start,
        cases AS persons,
        achieved AS achieved_persons,
        cases - achieved AS missed_persons,
        shared_persons - shared_achieved_persons AS shared_missed_persons,
        helped_persons - helped_achieved_persons AS helped_missed_persons
    FROM single
    CROSS JOIN meeting_grid
    UNION ALL BY NAME
    SELECT * EXCLUDE (subject_key) FROM several
),
counted AS (
    SELECT position, unit_id, grid, cohort_start, sum(COLUMNS(* EXCLUDE (position, unit_id, grid, cohort_start)))::BIGINT
    FROM part
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
