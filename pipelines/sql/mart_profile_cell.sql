-- mart_profile_cell.sql  compared records and what was observed, per profile in every cell
-- reads   profiled, profile, placement_unit, cohort_grid
-- grain   one row per position, unit_id, grid, cohort_start, profile_no
CREATE TABLE profile_cell AS
WITH counted AS (
    SELECT profiled.position, placement, period_start, profile_no, count(*) AS n, sum(amount)::BIGINT AS amount
    FROM profiled
    JOIN profile
        ON profile.position = profiled.position AND profile.levels = profiled.levels AND profile.follow IS NOT DISTINCT FROM profiled.follow
    GROUP BY ALL
)
SELECT
    counted.position, placement_unit.unit_id, cohort_grid.grid, period_start(counted.period_start, cohort_grid.grid) AS cohort_start, counted.profile_no,
    sum(n)::BIGINT AS n,
    sum(amount)::BIGINT AS amount
FROM counted
JOIN placement_unit USING (placement)
CROSS JOIN cohort_grid
GROUP BY ALL;
