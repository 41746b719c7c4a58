-- funnel_cohorts.sql   the cohorts of one indicator's funnel, and whether some unit is compared in each
-- parameters           $indicator_id, $version
-- grain                one row per cohort
SELECT cohort, cohort_start, '(some)' AS unit_id, max(observed_over_expected) AS observed_over_expected
FROM funnel
WHERE indicator_id = $indicator_id AND indicator_version = $version
GROUP BY ALL
ORDER BY cohort_start DESC NULLS FIRST, cohort
