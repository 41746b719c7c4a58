-- mart_risk.sql  ends of follow-up of one indicator in every cell that a curve is made for
-- reads       follow_up, spread
-- parameters  $position the indicator; $k smallest number of follow-ups that anything is shown of: smaller groups are left out here already,
--             since they are most of a fine-grained mart and none of what is published
-- grain       one row per place (unit x grid x cohort), time, ending; `cell` numbers the places from 0
CREATE OR REPLACE TEMP TABLE risk AS
WITH ends AS (
    SELECT spread.place, follow_up.time, follow_up.ending, sum(follow_up.n)::BIGINT AS n, bool_or(follow_up.in_full) AS in_full
    FROM follow_up
    JOIN spread ON spread.placement = follow_up.placement AND spread.period_start IS NOT DISTINCT FROM follow_up.period_start
    WHERE follow_up.position = $position
    GROUP BY ALL
),
large AS (
    SELECT place, row_number() OVER (ORDER BY place) - 1 AS cell
    FROM ends
    GROUP BY place
    HAVING sum(n) >= $k
)
SELECT large.cell, ends.*
FROM ends
JOIN large USING (place);
