-- effects_of_all.sql   the whole municipality's figures under every indicator
-- grain                one row per indicator, version and cohort
SELECT *
FROM effect_by_unit
WHERE unit_id = '(all)'
ORDER BY cohort_start DESC NULLS FIRST
