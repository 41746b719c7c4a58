-- mart_cohort_days.sql  the days that each cohort spans: its period, under `all` the index days that there are; and how far it is followed
-- reads   record, cohort_grid
-- grain   one row per position, grid, cohort_start
WITH counted AS (
    SELECT position, period_start, min(index_on) AS first_on, max(index_on) AS last_on, max(followed_to) AS followed_to
    FROM record
    GROUP BY ALL
),
spread AS (
    SELECT
        position, grid, period_start(period_start, grid) AS cohort_start,
        min(first_on) AS first_on, max(last_on) AS last_on, max(followed_to) AS followed_to
    FROM counted
    CROSS JOIN cohort_grid
    GROUP BY ALL
)
SELECT
    position, grid, cohort_start,
    coalesce(cohort_start, first_on) AS first_on,
    coalesce(period_end(cohort_start, grid), last_on) AS last_on,
    followed_to
FROM spread
ORDER BY position, grid, cohort_start NULLS FIRST;
