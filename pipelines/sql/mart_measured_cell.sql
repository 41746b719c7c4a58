-- mart_measured_cell.sql  what was measured in every cell
-- reads    measured_part, spread, cell, measured_mean (cell_id -> mean and sum of squared differences, put together from the parts)
-- grain    one row per cell with anybody measured
CREATE TABLE measured_cell AS
WITH counted AS (
    SELECT
        cell.cell_id,
        sum(n)::BIGINT AS n,
        sum(part.achieved)::BIGINT AS achieved,
        sum(improved)::BIGINT AS improved,
        sum(unchanged)::BIGINT AS unchanged,
        sum(worse)::BIGINT AS worse,
        sum(at_ceiling)::BIGINT AS at_ceiling
    FROM measured_part AS part
    JOIN spread ON spread.placement = part.placement AND spread.period_start IS NOT DISTINCT FROM part.period_start
    JOIN cell ON cell.position = part.position AND cell.place = spread.place
    GROUP BY cell.cell_id
)
SELECT counted.*, measured_mean.* EXCLUDE (cell_id)
FROM counted
JOIN measured_mean USING (cell_id);
