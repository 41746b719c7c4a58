-- mart_risk.sql  ends of follow-up of one indicator in every cell that a curve is made for
-- reads       follow_up, cohort_of, placed
-- parameters  $position the indicator; $k smallest number of follow-ups that anything is shown of: smaller groups are left out here already,
--             since they are most of a fine-grained mart and none of what is published
-- grain       one row per place (unit x grid x cohort), time, ending; `cell` numbers the places from 0
CREATE OR REPLACE TEMP TABLE risk AS
WITH of_cohort AS (
    SELECT placement, cohort, time, ending, sum(n)::BIGINT AS n, bool_or(in_full) AS in_full
    FROM follow_up
    JOIN cohort_of ON cohort_of.period_start IS NOT DISTINCT FROM follow_up.period_start
    WHERE follow_up.position = $position
    GROUP BY ALL
),
ends AS (
    SELECT placed.place, time, ending, sum(n)::BIGINT AS n, bool_or(in_full) AS in_full
    FROM of_cohort
    JOIN placed USING (placement, cohort)
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
