-- mart_condition.sql  each measure by unit or ancestor and period
-- reads       condition_told, placement_unit, cohort_grid
-- parameters  $k, $grid
-- grain       one row per unit, grid, period and measure
-- columns     n          answers or persons; minutes for time
--             is_thin    fewer than k answers or persons
--             tells      a unit below, or a period within, is thin: exact figures here, less those beside it, would tell what it holds
CREATE TABLE condition AS
WITH everything AS (
    FROM condition_told
    UNION ALL
    SELECT 'time:without_value' AS measure, asked, subject_key, occurred_on, weight, score, placement
    FROM condition_told
    WHERE measure IN ('time:documentation', 'time:coordination', 'time:transport')
),
smallest AS (
    SELECT
        measure, placement, period_start(occurred_on, $grid) AS period_start,
        CASE WHEN asked = 'citizens' THEN is_small(count(DISTINCT subject_key), $k) WHEN asked = 'staff' THEN is_small(sum(weight), $k) ELSE false END
            AS is_thin
    FROM everything
    GROUP BY measure, asked, placement, period_start(occurred_on, $grid)
),
one_each AS (
    SELECT
        everything.measure, everything.asked, placement_unit.unit_id, cohort_grid.grid,
        period_start(everything.occurred_on, cohort_grid.grid) AS cohort_start,
        CASE WHEN asked = 'citizens' THEN everything.subject_key END AS subject_key,
        sum(weight) AS weight,
        sum(weight * score)::DOUBLE AS weighted,
        bool_or(smallest.is_thin) AS tells
    FROM everything
    JOIN smallest
        ON smallest.measure = everything.measure AND smallest.placement = everything.placement
        AND smallest.period_start IS NOT DISTINCT FROM period_start(everything.occurred_on, $grid)
    JOIN placement_unit ON placement_unit.placement = everything.placement
    CROSS JOIN cohort_grid
    GROUP BY ALL
),
summed AS (
    SELECT
        measure, asked, unit_id, grid, cohort_start,
        CASE WHEN asked = 'citizens' THEN count(*) ELSE sum(weight) END AS n,
        CASE
            WHEN asked = 'citizens' THEN sum(round(weighted / weight, 9)::DECIMAL(18, 9))::DOUBLE / count(*)
            WHEN asked = 'staff' THEN sum(weighted::DECIMAL(30, 12))::DOUBLE / sum(weight)::DOUBLE
        END AS mean,
        CASE WHEN asked = 'citizens' THEN sum(round(weighted / weight, 9)::DECIMAL(18, 9) * round(weighted / weight, 9)::DECIMAL(18, 9))::DOUBLE END
            AS squares,
        bool_or(tells) AS tells
    FROM one_each
    GROUP BY measure, asked, unit_id, grid, cohort_start
),
minutes AS (
    SELECT unit_id, grid, cohort_start, sum(n) AS all_minutes
    FROM summed
    WHERE asked = 'time' AND measure <> 'time:without_value'
    GROUP BY ALL
)
SELECT
    summed.*, minutes.all_minutes,
    asked <> 'time' AND is_small(n, $k) AS is_thin
FROM summed
LEFT JOIN minutes
    ON asked = 'time' AND minutes.unit_id = summed.unit_id AND minutes.grid = summed.grid
    AND minutes.cohort_start IS NOT DISTINCT FROM summed.cohort_start;
