-- mart_effect_by_unit.sql
-- reads       judged, share_of (cell_id -> share and its limits), indicator, expected_of (cell_id -> the comparison)
-- parameters  $grid, $meeting_grid, $k, $as_of, $known_at, $snapshot_id
-- grain       unit x indicator x version x cohort (periods of the grid, those in which cost meets effects where they are coarser, and `all`;
--             reported totals: their own periods where these are coarser)
INSERT INTO mart.effect_by_unit BY NAME
SELECT
    judged.unit_id,
    indicator.core_task_id,
    indicator.indicator_id,
    indicator.indicator_version,
    period_label(judged.cohort_start, judged.grid) AS cohort,
    judged.cohort_start,
    period_end(judged.cohort_start, judged.grid) AS cohort_end,
    CASE WHEN NOT hide_size THEN cohort_size END AS cohort_size,
    CASE WHEN NOT hide_sight THEN pending END AS pending,
    CASE WHEN NOT hide_sight THEN matured END AS matured,
    CASE WHEN NOT hide_share THEN achieved END AS achieved,
    CASE WHEN NOT hide_split THEN not_achieved END AS not_achieved,
    CASE WHEN NOT hide_split THEN competing END AS competing,
    CASE WHEN NOT hide_sight THEN censored END AS censored,
    CASE WHEN NOT hide_sight THEN unmeasured END AS unmeasured,
    CASE WHEN NOT hide_share THEN denominator END AS denominator,
    CASE WHEN NOT hide_share THEN share_of.share END AS share,
    CASE WHEN NOT hide_share THEN share_of.share_low END AS share_low,
    CASE WHEN NOT hide_share THEN share_of.share_high END AS share_high,
    'wilson' AS share_method,
    CASE WHEN NOT hide_split THEN achieved / nullif(achieved + not_achieved, 0) END AS share_without_competing,
    CASE WHEN NOT hide_estimate THEN estimate END AS estimate,
    CASE WHEN NOT hide_estimate THEN estimate_low END AS estimate_low,
    CASE WHEN NOT hide_estimate THEN estimate_high END AS estimate_high,
    indicator.method AS estimate_method,
    expected_of.expected,
    expected_of.observed,
    expected_of.observed_over_expected,
    expected_of.oe_low,
    expected_of.oe_high,
    expected_of.oe_method,
    expected_of.verdict,
    expected_of.verdict_da,
    expected_of.verdict_code,
    expected_of.expected_method,
    expected_of.reference_id,
    expected_of.reference_version,
    coalesce(expected_of.expected_state, 'no_reference') AS expected_state,
    CASE WHEN expected_of.cell_id IS NULL THEN 'the catalogue names nothing to compare with' ELSE expected_of.expected_reason END AS expected_reason,
    indicator.evidence_level,
    nullif(concat_ws(',',
        CASE WHEN hide_size THEN 'cohort_size' END,
        CASE WHEN hide_sight THEN 'pending,matured,censored,unmeasured' END,
        CASE WHEN hide_share THEN 'achieved,denominator,share' END,
        CASE WHEN hide_split THEN 'not_achieved,competing' END,
        CASE WHEN hide_estimate THEN 'estimate' END
    ), '') AS hidden,
    CASE
        WHEN hide_share THEN 'suppressed'
        WHEN pending > 0 THEN 'immature'
        WHEN denominator = 0 THEN 'missing'
        ELSE 'final'
    END AS state,
    nullif(concat_ws('; ',
        CASE
            WHEN hide_cell THEN 'fewer than ' || $k || ' persons in the cohort, or in another that would follow from it'
            WHEN hide_share THEN 'an outcome of fewer than ' || $k || ' persons, or the same for everybody, here or where it would follow from this'
            WHEN denominator = 0 AND pending > 0 THEN 'nobody in the cohort is mature yet'
            WHEN pending > 0 THEN 'part of the cohort is not mature yet'
            WHEN denominator = 0 THEN 'nobody who is mature was in sight and measured to the end'
        END,
        CASE WHEN NOT hide_share AND (hide_size OR hide_sight OR hide_split OR hide_estimate) THEN 'some counts are hidden: they are below ' || $k || ', or such counts would follow from them' END,
        CASE WHEN NOT hide_estimate AND estimate IS NULL THEN 'no estimate: nobody has been followed to the horizon yet' END
    ), '') AS reason,
    $as_of::DATE AS as_of,
    $known_at::TIMESTAMP AS known_at,
    $snapshot_id AS snapshot_id
FROM (FROM judged ORDER BY position, unit_id, cohort_start NULLS FIRST, grid) AS judged  -- numbers are sorted, not the sentences made of them
LEFT JOIN share_of ON share_of.cell_id = judged.cell_id
JOIN indicator ON indicator.position = judged.position
LEFT JOIN expected_of ON expected_of.cell_id = judged.cell_id
WHERE judged.grid IN ($grid, $meeting_grid, 'all') OR indicator.kind = 'reported';
