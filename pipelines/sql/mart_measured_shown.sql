-- mart_measured_shown.sql  what was measured, as far as it may be shown, into effect_by_unit
-- reads       measured_cell, mean_of (limits of the mean), judged, indicator, placement_unit
-- parameters  $k smallest count that may be shown; 1 shows all
-- changes     mart.effect_by_unit: rows of the kinds change, reduction and experienced
-- Means rest on all measured persons and are hidden with the split of outcomes, and where everybody moved by the same. How many got better,
-- worse, or began at the best score are counts of their own that no sum over units and periods may give away: with suppression on they stand
-- under the cohort `all` only, and there at the units only where none of the indicator's units has a small one.
UPDATE mart.effect_by_unit AS shown SET
    n_measured = CASE WHEN NOT hide_split THEN told.n END,
    mean_baseline = CASE WHEN NOT hide_mean THEN told.mean_baseline END,
    mean_follow_up = CASE WHEN NOT hide_mean THEN told.mean_follow_up END,
    mean_change = CASE WHEN NOT hide_mean THEN told.mean_change END,
    mean_change_low = CASE WHEN NOT hide_mean THEN told.low END,
    mean_change_high = CASE WHEN NOT hide_mean THEN told.high END,
    mean_change_method = told.method,
    sd_change = CASE WHEN NOT hide_mean THEN told.sd END,
    srm = CASE WHEN NOT hide_mean THEN told.srm END,
    at_ceiling = CASE WHEN show_levels THEN told.at_ceiling END,
    improved = CASE WHEN show_levels THEN told.improved END,
    unchanged = CASE WHEN show_levels THEN told.unchanged END,
    worse = CASE WHEN show_levels THEN told.worse END,
    improved_share = CASE WHEN show_levels THEN told.improved / told.n END,
    unchanged_share = CASE WHEN show_levels THEN told.unchanged / told.n END,
    worse_share = CASE WHEN show_levels THEN told.worse / told.n END,
    hidden = nullif(concat_ws(',',
        shown.hidden,
        CASE WHEN hide_split THEN 'n_measured' END,
        CASE WHEN hide_mean AND told.mean_change IS NOT NULL THEN 'mean_change' END,
        CASE WHEN NOT show_levels AND told.improved IS NOT NULL THEN 'improved,unchanged,worse,at_ceiling' END
    ), '')
FROM (
    WITH leaf AS (
        SELECT unit_id FROM placement
    ),
    counted AS (
        SELECT
            judged.position, judged.unit_id, judged.grid, judged.cohort_start, judged.hide_split, measured_cell.*, mean_of.* EXCLUDE (cell_id),
            $k > 1 AND (
                judged.hide_split
                OR is_small(improved, $k) OR is_small(unchanged, $k) OR is_small(worse, $k) OR is_small(at_ceiling, $k)
                OR is_small(improved - measured_cell.achieved, $k) OR is_small(n - measured_cell.achieved - at_ceiling, $k)
                OR greatest(improved, unchanged, worse) = n
            ) AS has_small
        FROM measured_cell
        JOIN mean_of USING (cell_id)
        JOIN judged USING (cell_id)
    ),
    safe AS (
        SELECT position, count_if(has_small AND unit_id IN (FROM leaf)) = 0 AS is_safe
        FROM counted
        WHERE grid = 'all'
        GROUP BY position
    )
    SELECT
        counted.unit_id, indicator.indicator_id, indicator.indicator_version, period_label(counted.cohort_start, counted.grid) AS cohort,
        hide_split, n, achieved, at_ceiling, improved, unchanged, worse,
        hide_split OR ($k > 1 AND m2 <= 0) AS hide_mean,
        NOT has_small AND ($k = 1 OR (counted.grid = 'all' AND (is_safe OR counted.unit_id = '(all)'))) AS show_levels,
        CASE WHEN NOT ordinal THEN mean_baseline END AS mean_baseline,
        CASE WHEN NOT ordinal THEN coalesce(mean_baseline, 0) + mean END AS mean_follow_up,
        CASE WHEN NOT ordinal AND mean_baseline IS NOT NULL THEN mean END AS mean_change,
        CASE WHEN NOT ordinal AND mean_baseline IS NOT NULL THEN mean_low END AS low,
        CASE WHEN NOT ordinal AND mean_baseline IS NOT NULL THEN mean_high END AS high,
        CASE WHEN NOT ordinal AND mean_baseline IS NOT NULL THEN counted.sd END AS sd,
        CASE WHEN NOT ordinal AND mean_baseline IS NOT NULL AND counted.sd > 0 THEN mean / counted.sd END AS srm,
        CASE
            WHEN ordinal THEN 'levels compared one by one; no mean exists'
            WHEN mean_baseline IS NOT NULL THEN 't interval of the mean of paired differences'
        END AS method
    FROM counted
    JOIN safe USING (position)
    JOIN indicator USING (position)
) AS told
WHERE told.unit_id = shown.unit_id AND told.indicator_id = shown.indicator_id AND told.indicator_version = shown.indicator_version
    AND told.cohort = shown.cohort;
