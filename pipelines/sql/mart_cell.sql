-- mart_cell.sql  every cell: unit or ancestor x indicator x cohort, with counts of records and of the persons behind them
-- reads   record, spread (placement x period_start -> places), cohort_of, placed, place (its names)
-- grain   one row per position and place, which is unit_id, grid, cohort_start; cell_id is its working number, in order of both
-- Persons are counted apart from records only where somebody has several records of one indicator; elsewhere the two are the same.
CREATE TABLE cell AS
WITH candidate AS (  -- whoever has one index event only has one record of each indicator: most, and told apart in few groups
    SELECT subject_key FROM record GROUP BY subject_key HAVING min(index_key) <> max(index_key)
),
repeated AS (
    SELECT position, subject_key FROM record SEMI JOIN candidate USING (subject_key) GROUP BY ALL HAVING count(*) > 1
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
        record.position, spread.place, record.subject_key,
        count(*) AS cohort_size,
        count_if(class = 'pending') AS pending,
        count_if(class = 'achieved') AS achieved,
        count_if(class = 'not_achieved') AS not_achieved,
        count_if(class = 'competing') AS competing,
        count_if(class = 'censored') AS censored,
        count_if(class = 'unmeasured') AS unmeasured
    FROM record
    SEMI JOIN repeated USING (position, subject_key)
    JOIN spread ON spread.placement = record.placement AND spread.period_start IS NOT DISTINCT FROM record.period_start
    GROUP BY ALL
),
summed AS (
    SELECT position, placement, cohort, sum(COLUMNS(* EXCLUDE (position, placement, period_start, cohort)))::BIGINT
    FROM single
    JOIN cohort_of ON cohort_of.period_start IS NOT DISTINCT FROM single.period_start
    GROUP BY ALL
),
part AS (
    SELECT
        position, placed.place,
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
    FROM summed
    JOIN placed USING (placement, cohort)
    UNION ALL
    SELECT
        position, place,
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
SELECT row_number() OVER (ORDER BY position, place) AS cell_id, position, unit_id, grid, cohort_start, counted.* EXCLUDE (position)
FROM (
    SELECT position, place, sum(COLUMNS(* EXCLUDE (position, place)))::BIGINT
    FROM part
    GROUP BY ALL
) AS counted
JOIN place USING (place);
