-- mart_measured_part.sql  what was measured, counted before it is spread over ancestors and coarser periods
-- reads    record, indicator (is_measured, sign 1 higher is better or -1, best: the best score there is)
-- grain    one row per position, placement, period_start with anybody measured on both sides
-- columns  part_no      in order of position, placement and period
--          mean, m2     mean of the values and sum of squared differences from it: change, or rating. Sums run in order of size, so that no
--                       order of rows changes a digit
--          improved, unchanged, worse   by any difference, in the good direction or not; null for ratings
CREATE TABLE measured_part AS
WITH pair AS (
    SELECT record.position, placement, period_start, value, baseline, class, sign, best
    FROM record
    JOIN indicator ON indicator.position = record.position AND indicator.is_measured
    WHERE class IN ('achieved', 'not_achieved')
),
numbered AS (  -- a period may be null (grid `all`), a number is not
    SELECT *, dense_rank() OVER (ORDER BY position, placement, period_start) AS part_no FROM pair
),
counted AS (
    SELECT
        part_no, any_value(position) AS position, any_value(placement) AS placement, any_value(period_start) AS period_start,
        count(*) AS n,
        fsum(value ORDER BY value) / count(*) AS mean,
        fsum(baseline ORDER BY baseline) / count(*) AS mean_baseline,
        count_if(class = 'achieved') AS achieved,
        CASE WHEN count(baseline) > 0 THEN count_if(sign * value > 1e-9) END AS improved,
        CASE WHEN count(baseline) > 0 THEN count_if(abs(value) <= 1e-9) END AS unchanged,
        CASE WHEN count(baseline) > 0 THEN count_if(sign * value < -1e-9) END AS worse,
        CASE WHEN any_value(best) IS NOT NULL THEN count_if(sign * (baseline - best) >= 0) END AS at_ceiling
    FROM numbered
    GROUP BY part_no
)
SELECT counted.*, squared.m2
FROM counted
JOIN (
    SELECT part_no, fsum(pow(value - mean, 2) ORDER BY abs(value - mean)) AS m2
    FROM numbered AS pair
    JOIN counted USING (part_no)
    GROUP BY part_no
) AS squared USING (part_no);
