-- mart_level_cell.sql  persons under each core task that has others below it
-- reads       level_indicator (core task -> indicators of its own and of those below), record, placement_unit, cohort_grid, judged
-- parameters  $k
-- grain       core task x unit or ancestor x grid x cohort
-- columns     pending    persons with a record that is not mature; they are in none of the other counts
--             persons    with a known answer in at least one indicator; achieved: an effect in at least one; several: in more than one
--             is_small   few persons behind one of these, few with an answer in more than one, or a cell below that is hidden itself
CREATE TABLE level_cell AS
WITH person AS (
    SELECT
        level_indicator.core_task_id, placement_unit.unit_id, cohort_grid.grid,
        period_start(record.period_start, cohort_grid.grid) AS cohort_start,
        record.subject_key,
        bool_or(record.class = 'pending') AS is_pending,
        count(DISTINCT record.position) FILTER (record.class IN ('achieved', 'not_achieved', 'competing')) AS n_known,
        count(DISTINCT record.position) FILTER (record.class = 'achieved') AS n_achieved
    FROM record
    JOIN level_indicator USING (position)
    JOIN placement_unit USING (placement)
    CROSS JOIN cohort_grid
    GROUP BY ALL
),
counted AS (
    SELECT
        core_task_id, unit_id, grid, cohort_start,
        count_if(is_pending) AS pending,
        count_if(NOT is_pending AND n_known > 0) AS persons,
        count_if(NOT is_pending AND n_achieved > 0) AS achieved,
        count_if(NOT is_pending AND n_achieved > 1) AS several,
        count_if(NOT is_pending AND n_known > 1) AS overlapping
    FROM person
    GROUP BY ALL
),
hidden_below AS (
    SELECT DISTINCT level_indicator.core_task_id, judged.unit_id, judged.grid, judged.cohort_start
    FROM judged
    JOIN level_indicator USING (position)
    WHERE judged.hide_share AND judged.cohort_size > 0
)
SELECT
    row_number() OVER (ORDER BY counted.core_task_id, counted.unit_id, counted.grid, counted.cohort_start) AS level_no,
    counted.*,
    hidden_below.core_task_id IS NOT NULL
    OR is_small(pending, $k) OR is_small(persons, $k) OR is_small(achieved, $k) OR is_small(persons - achieved, $k)
    OR is_small(several, $k) OR is_small(achieved - several, $k) OR is_small(overlapping, $k)
    OR ($k > 1 AND persons > 0 AND achieved = persons) AS is_small
FROM counted
LEFT JOIN hidden_below
    ON hidden_below.core_task_id = counted.core_task_id AND hidden_below.unit_id = counted.unit_id AND hidden_below.grid = counted.grid
    AND hidden_below.cohort_start IS NOT DISTINCT FROM counted.cohort_start;
