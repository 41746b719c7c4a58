-- mart_risk.sql  ends of follow-up of one indicator in every cell that a curve is made for
-- reads       follow_up, placement_unit, cohort_grid
-- parameters  $position the indicator; $k smallest number of follow-ups that anything is shown of: smaller groups are left out here already,
--             since they are most of a fine-grained mart and none of what is published
-- grain       one row per group (unit x grid x cohort), time, ending; `cell` numbers the groups from 0
CREATE OR REPLACE TEMP TABLE risk AS
WITH spread AS (
    SELECT
        placement_unit.unit_id, cohort_grid.grid, period_start(follow_up.period_start, cohort_grid.grid) AS cohort_start,
        follow_up.time, follow_up.ending, sum(follow_up.n)::BIGINT AS n, bool_or(follow_up.in_full) AS in_full
    FROM follow_up
    JOIN placement_unit USING (placement)
    CROSS JOIN cohort_grid
    WHERE follow_up.position = $position
    GROUP BY ALL
),
large AS (
    SELECT *
    FROM spread
    QUALIFY sum(n) OVER (PARTITION BY unit_id, grid, cohort_start) >= $k
)
SELECT dense_rank() OVER (ORDER BY unit_id, grid, cohort_start NULLS FIRST) - 1 AS cell, *
FROM large;
