-- funnel_summaries.sql  what the units of one funnel have in common
-- parameters            $indicator_id, $version (of its definition)
-- grain                 one row per cohort
SELECT *
FROM funnel_summary
WHERE indicator_id = $indicator_id AND indicator_version = $version
ORDER BY cohort_start DESC NULLS FIRST
