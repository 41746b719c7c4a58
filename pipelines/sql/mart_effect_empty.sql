-- mart_effect_empty.sql  one row for each indicator that has no figure at all, so that its absence is said and not seen as zero
-- reads       every_indicator (all of the catalogue), mart.effect_by_unit
-- parameters  $as_of, $known_at, $snapshot_id
INSERT INTO mart.effect_by_unit BY NAME
SELECT
    '(all)' AS unit_id,
    core_task_id, indicator_id, indicator_version,
    'all' AS cohort,
    0 AS cohort_size,
    0 AS pending,
    0 AS matured,
    0 AS achieved,
    0 AS not_achieved,
    0 AS competing,
    0 AS censored,
    0 AS unmeasured,
    0 AS denominator,
    'no_reference' AS expected_state,
    'there is nothing to compare' AS expected_reason,
    evidence_level,
    'missing' AS state,
    CASE WHEN kind = 'reported' THEN 'no totals reported up to this day' ELSE 'no index event up to this day' END AS reason,
    $as_of::DATE AS as_of,
    $known_at::TIMESTAMP AS known_at,
    $snapshot_id AS snapshot_id
FROM every_indicator
ANTI JOIN mart.effect_by_unit USING (indicator_id, indicator_version)
ORDER BY core_task_id, indicator_id;
