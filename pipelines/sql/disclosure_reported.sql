-- disclosure_reported.sql  reported totals where they are counted, before they are spread over ancestors and coarser periods
-- reads     reported_part
-- grain     one row per event and position
-- columns   units    where it is counted, in no order
--           periods  (rank, grid, first day), coarse to fine
SELECT
    position,
    placement,
    list(DISTINCT unit_id) AS units,
    list_sort(list(DISTINCT {'rank': -grid_rank, 'grid': grid, 'start': cohort_start})) AS periods,
    any_value(CASE WHEN is_pending THEN denominator ELSE 0 END) AS pending,
    any_value(CASE WHEN is_pending THEN 0 ELSE numerator END) AS achieved,
    any_value(CASE WHEN is_pending THEN 0 ELSE denominator - numerator END) AS not_achieved
FROM reported_part
GROUP BY position, placement, event_key
ORDER BY position, placement, event_key;
