-- mart_spread.sql  where each part of the records counts: every unit or ancestor in every cohort that holds it, as one number
-- reads   record, placement_unit (placement -> its unit, every ancestor, `(all)`), cohort_grid (grids wanted)
-- grain   placement x period_start x place. Joined and grouped by one number instead of two names and a date, the tables below cost a third
-- columns cohort  the grid and cohort as a number: whoever sums over cohorts first and over ancestors then handles a third of the rows
CREATE TABLE spread AS
WITH part AS (
    SELECT DISTINCT placement, period_start FROM record
)
SELECT
    part.placement, part.period_start, placement_unit.unit_id, cohort_grid.grid, period_start(part.period_start, cohort_grid.grid) AS cohort_start,
    dense_rank() OVER (ORDER BY period_start(part.period_start, cohort_grid.grid) NULLS FIRST, cohort_grid.grid)::INTEGER AS cohort,
    dense_rank() OVER (
        ORDER BY placement_unit.unit_id, period_start(part.period_start, cohort_grid.grid) NULLS FIRST, cohort_grid.grid
    )::INTEGER AS place
FROM part
JOIN placement_unit USING (placement)
CROSS JOIN cohort_grid;
