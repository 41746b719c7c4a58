-- mart_effect_empty.sql  one row for each indicator that has no figure at all, so that its absence is said and not seen as zero
-- reads       every_indicator (all of the catalogue, computed or declared), mart.effect_by_unit
-- parameters  $as_of, $known_at, $snapshot_id
INSERT INTO mart.effect_by_unit BY NAME
SELECT
    '(all)' AS unit_id,
    core_task_id, indicator_id, indicator_version,
    'all' AS cohort,
    CASE WHEN computed THEN 0 END AS cohort_size,
    CASE WHEN computed THEN 0 END AS pending,
    CASE WHEN computed THEN 0 END AS matured,
    CASE WHEN computed THEN 0 END AS achieved,
    CASE WHEN computed THEN 0 END AS not_achieved,
    CASE WHEN computed THEN 0 END AS competing,
    CASE WHEN computed THEN 0 END AS censored,
    CASE WHEN computed THEN 0 END AS unmeasured,
    CASE WHEN computed THEN 0 END AS denominator,
    'no_reference' AS expected_state,
    'there is nothing to compare' AS expected_reason,
    evidence_level,
    'missing' AS state,
    CASE WHEN computed THEN 'no index event up to this day' ELSE 'this kind of indicator is declared but not computed yet' END AS reason,
    $as_of::DATE AS as_of,
    $known_at::TIMESTAMP AS known_at,
    $snapshot_id AS snapshot_id
FROM every_indicator
ANTI JOIN mart.effect_by_unit USING (indicator_id, indicator_version)
ORDER BY core_task_id, indicator_id;
