-- mart_cohort_of.sql  the cohorts that hold each period of the records
-- reads   spread
-- grain   period_start x cohort (one per grid)
CREATE TABLE cohort_of AS
SELECT DISTINCT period_start, cohort FROM spread;
