-- mart_cell.sql  every cell: unit or ancestor x indicator x cohort, with counts of records and of the persons behind them
-- reads   record, placement_unit (placement -> its unit, every ancestor, `(all)`), cohort_grid (grids wanted)
-- grain   one row per position, unit_id, grid, cohort_start; cell_id is its working number
-- Persons are counted apart from records only where somebody has several records of one indicator; elsewhere the two are the same.
CREATE TABLE cell AS
WITH repeated AS (
    SELECT position, subject_key FROM record GROUP BY ALL HAVING count(*) > 1
),
single AS (
    SELECT
        position, placement, period_start,
        count(*) AS cohort_size,
        count_if(class = 'pending') AS pending,
        count_if(class = 'achieved') AS achieved,
        count_if(class = 'not_achieved') AS not_achieved,
        count_if(class = 'competing') AS competing,
        count_if(class = 'censored') AS censored,
        count_if(class = 'unmeasured') AS unmeasured
    FROM record
    ANTI JOIN repeated USING (position, subject_key)
    GROUP BY ALL
),
several AS (
    SELECT
        record.position, placement_unit.unit_id, cohort_grid.grid, period_start(record.period_start, cohort_grid.grid) AS cohort_start, record.subject_key,
        count(*) AS cohort_size,
        count_if(class = 'pending') AS pending,
        count_if(class = 'achieved') AS achieved,
        count_if(class = 'not_achieved') AS not_achieved,
        count_if(class = 'competing') AS competing,
        count_if(class = 'censored') AS censored,
        count_if(class = 'unmeasured') AS unmeasured
    FROM record
    SEMI JOIN repeated USING (position, subject_key)
    JOIN placement_unit USING (placement)
    CROSS JOIN cohort_grid
    GROUP BY ALL
),
part AS (
    SELECT
        position, placement_unit.unit_id, cohort_grid.grid, period_start(single.period_start, cohort_grid.grid) AS cohort_start,
        cohort_size, pending, achieved, not_achieved, competing, censored, unmeasured,
        cohort_size AS persons,
        pending AS pending_persons,
        achieved AS achieved_persons,
        not_achieved AS not_achieved_persons,
        competing AS competing_persons,
        censored AS censored_persons,
        unmeasured AS unmeasured_persons,
        not_achieved + competing AS missed_persons,
        achieved + not_achieved + competing AS denominator_persons,
        censored + unmeasured AS unseen_persons,
        pending + censored + unmeasured AS rest_persons
    FROM single
    JOIN placement_unit USING (placement)
    CROSS JOIN cohort_grid
    UNION ALL
    SELECT
        position, unit_id, grid, cohort_start,
        cohort_size, pending, achieved, not_achieved, competing, censored, unmeasured,
        1,
        (pending > 0)::INTEGER,
        (achieved > 0)::INTEGER,
        (not_achieved > 0)::INTEGER,
        (competing > 0)::INTEGER,
        (censored > 0)::INTEGER,
        (unmeasured > 0)::INTEGER,
        (not_achieved + competing > 0)::INTEGER,
        (achieved + not_achieved + competing > 0)::INTEGER,
        (censored + unmeasured > 0)::INTEGER,
        (pending + censored + unmeasured > 0)::INTEGER
    FROM several
)
SELECT row_number() OVER () AS cell_id, *
FROM (
    SELECT position, unit_id, grid, cohort_start, sum(COLUMNS(* EXCLUDE (position, unit_id, grid, cohort_start)))::BIGINT
    FROM part
    GROUP BY ALL
);
