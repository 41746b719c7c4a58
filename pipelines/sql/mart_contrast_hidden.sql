-- mart_contrast_hidden.sql  whether a unit that stands on one side alone has hidden figures in effect_by_unit
-- reads       contrast_record, hidden_cell
-- parameters  $indicator_id, $version; $start, $grid the cohort; $any_cohort sides are parts of cohorts, so every cohort counts
SELECT count(*) > 0
FROM (
    SELECT unit_id FROM contrast_record WHERE side IN (0, 1) GROUP BY unit_id HAVING $any_cohort OR count(DISTINCT side) = 1
) AS one_sided
JOIN hidden_cell
    ON hidden_cell.unit_id = one_sided.unit_id AND hidden_cell.indicator_id = $indicator_id AND hidden_cell.indicator_version = $version
    AND ($any_cohort OR hidden_cell.cohort = period_label($start::DATE, $grid))
WHERE hidden_cell.hide_share OR hidden_cell.hide_sight OR hidden_cell.hide_size;
