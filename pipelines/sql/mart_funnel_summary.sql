-- mart_funnel_summary.sql
-- reads       funnel_group, indicator
-- parameters  $grid, $meeting_grid; $alert, $alarm the two-sided levels of the limits; $fewest units from which on variation is estimated
-- grain       indicator x version x cohort, for the indicators with a comparison
INSERT INTO mart.funnel_summary BY NAME
SELECT
    indicator.core_task_id, indicator.indicator_id, indicator.indicator_version,
    period_label(funnel_group.cohort_start, funnel_group.grid) AS cohort,
    funnel_group.cohort_start,
    period_end(funnel_group.cohort_start, funnel_group.grid) AS cohort_end,
    n_units,
    n_units * $alert AS chance_outside_95,
    n_units * $alarm AS chance_outside_998,
    outside_95, outside_998, outside_wide_95, outside_wide_998,
    phi, tau2, n_dispersion, overdispersion_method, prior_a, prior_b, prior_mean, prior_how,
    CASE WHEN n_units = 0 THEN 'missing' ELSE 'final' END AS state,
    nullif(concat_ws('; ',
        CASE WHEN n_units = 0 THEN 'no unit of this cohort can be compared' END,
        CASE WHEN n_units BETWEEN 1 AND $fewest - 1
            THEN 'fewer than ' || $fewest || ' units: neither over-dispersion nor a prior is estimated' END
    ), '') AS reason
FROM funnel_group
JOIN indicator USING (position)
WHERE funnel_group.grid IN ($grid, $meeting_grid, 'all')
ORDER BY indicator.position, funnel_group.cohort_start NULLS FIRST, funnel_group.grid;
