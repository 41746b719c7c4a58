-- krone_cohorts.sql   the cohorts of one indicator's effect per krone, and whether the whole municipality, or some unit, has a figure in each
-- parameters          $indicator_id, $version
-- grain               one row per cohort for `(all)`, and one for all other units together
SELECT
    cohort, cohort_start, CASE WHEN unit_id = '(all)' THEN unit_id ELSE '(some)' END AS unit_id,
    max(effects_per_million) AS effects_per_million
FROM effect_per_krone
WHERE indicator_id = $indicator_id AND indicator_version = $version
GROUP BY ALL
ORDER BY cohort_start DESC NULLS FIRST, cohort, unit_id
