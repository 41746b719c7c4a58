-- mart_breaks.sql  the cohorts with a break before, inside or after them, by the names that readers know them by
-- reads   cohort_break, indicator
-- grain   one row per indicator, version and cohort
CREATE TABLE break_of AS
SELECT
    indicator.core_task_id, indicator.indicator_id, indicator.indicator_version,
    period_label(cohort_break.cohort_start, cohort_break.grid) AS cohort,
    cohort_break.breaks, cohort_break.comparable_from, cohort_break.words,
    row_number() OVER (PARTITION BY indicator.indicator_id, cohort_break.cohort_start, cohort_break.grid ORDER BY indicator.indicator_version DESC) = 1
        AS is_newest
FROM cohort_break
JOIN indicator USING (position);
