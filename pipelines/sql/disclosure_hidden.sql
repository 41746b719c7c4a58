-- disclosure_hidden.sql  published cells of which something is hidden, by the names that readers know them by
-- reads       judged, indicator
-- grain       unit x indicator x version x cohort, where any part is hidden
-- columns     hide_<part> for each of tables.CELL_PARTS
CREATE TABLE hidden_cell AS
SELECT
    judged.unit_id, indicator.indicator_id, indicator.indicator_version,
    period_label(judged.cohort_start, judged.grid) AS cohort,
    hide_size, hide_sight, hide_share, hide_split, hide_estimate
FROM judged
JOIN indicator USING (position)
WHERE hide_size OR hide_sight OR hide_share OR hide_split OR hide_estimate;
