-- mart_cohort_days.sql  the days that each cohort spans: its period, under `all` the index days that there are; and how far it is followed
-- reads   record, cell (of totals that sources report there are no records: their periods are all that is known), cohort_grid
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
),
reported AS (
    SELECT
        position, grid, cohort_start,
        min(cohort_start) OVER of_indicator AS first_on,
        max(period_end(cohort_start, grid)) OVER of_indicator AS last_on
    FROM (SELECT DISTINCT position, grid, cohort_start FROM cell ANTI JOIN record USING (position))
    WINDOW of_indicator AS (PARTITION BY position)
),
whole AS (
    FROM spread
    UNION ALL
    SELECT *, coalesce(period_end(cohort_start, grid), last_on) AS followed_to FROM reported WHERE first_on IS NOT NULL
)
SELECT
    position, grid, cohort_start,
    coalesce(cohort_start, first_on) AS first_on,
    coalesce(period_end(cohort_start, grid), last_on) AS last_on,
    followed_to
FROM whole
ORDER BY position, grid, cohort_start NULLS FIRST;
