-- mart_funnel.sql
-- reads   judged, indicator, expected_of, placement
-- parameters  $grid, $meeting_grid
-- grain   unit that events name itself x indicator x version x cohort, for the indicators with a comparison
INSERT INTO mart.funnel BY NAME
SELECT
    judged.unit_id, indicator.core_task_id, indicator.indicator_id, indicator.indicator_version,
    period_label(judged.cohort_start, judged.grid) AS cohort,
    judged.cohort_start,
    period_end(judged.cohort_start, judged.grid) AS cohort_end,
    expected_of.* EXCLUDE (cell_id, expected_state, expected_reason),
    CASE WHEN oe_rank IS NOT NULL THEN $rank_method END AS rank_method,
    indicator.evidence_level,
    expected_state AS state,
    expected_reason AS reason
FROM judged
JOIN expected_of USING (cell_id)
JOIN indicator USING (position)
WHERE judged.grid IN ($grid, $meeting_grid, 'all')
    AND judged.unit_id <> '(unmatched)' AND judged.unit_id IN (SELECT unit_id FROM placement)
ORDER BY indicator.position, judged.cohort_start NULLS FIRST, judged.grid, judged.unit_id;
