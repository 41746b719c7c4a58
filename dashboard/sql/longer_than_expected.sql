-- longer_than_expected.sql  units beyond the upper limits of chance, all cohorts together where they are published so
-- grain                     one row per unit, indicator and version; the surest first
SELECT *
FROM v_longer_than_expected
QUALIFY row_number() OVER (PARTITION BY unit_id, indicator_id ORDER BY cohort = 'all' DESC, cohort DESC, indicator_version DESC) = 1
ORDER BY verdict_code = 'alarm_high' DESC, oe_rank, indicator_id, unit_id
