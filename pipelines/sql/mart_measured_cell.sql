-- mart_measured_cell.sql  the same for every cell: unit, ancestor or `(all)`, in every period
-- reads    measured_part, cell, placement_unit, cohort_grid
-- grain    one row per cell with anybody measured; parts are put together as in Chan, Golub & LeVeque (1983), Am Stat 37:242-247
CREATE TABLE measured_cell AS
WITH spread AS (
    SELECT
        cell.cell_id, part.*
    FROM measured_part AS part
    JOIN placement_unit USING (placement)
    CROSS JOIN cohort_grid
    JOIN cell
        ON cell.position = part.position AND cell.unit_id = placement_unit.unit_id AND cell.grid = cohort_grid.grid
        AND cell.cohort_start IS NOT DISTINCT FROM period_start(part.period_start, cohort_grid.grid)
),
pooled AS (
    SELECT
        cell_id,
        sum(n)::BIGINT AS n,
        fsum(n * mean ORDER BY placement, period_start) / sum(n) AS mean,
        fsum(n * mean_baseline ORDER BY placement, period_start) / sum(n) AS mean_baseline,
        sum(achieved)::BIGINT AS achieved,
        sum(improved)::BIGINT AS improved,
        sum(unchanged)::BIGINT AS unchanged,
        sum(worse)::BIGINT AS worse,
        sum(at_ceiling)::BIGINT AS at_ceiling
    FROM spread
    GROUP BY cell_id
)
SELECT pooled.*, squared.m2
FROM pooled
JOIN (
    SELECT cell_id, fsum(spread.m2 + spread.n * pow(spread.mean - pooled.mean, 2) ORDER BY placement, period_start) AS m2
    FROM spread
    JOIN pooled USING (cell_id)
    GROUP BY cell_id
) AS squared USING (cell_id);
