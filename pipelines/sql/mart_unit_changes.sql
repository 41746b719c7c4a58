-- mart_unit_changes.sql  says in each cohort's row which changes of the organisation fall into it: no trend is to be drawn across one
-- reads  mart.unit_change
UPDATE mart.effect_by_unit AS cell
SET unit_changes = changed.told
FROM (
    SELECT
        cell.unit_id, cell.cohort,
        string_agg(DISTINCT changed_on || ' ' || change || ' ' || other_unit_id, '; ' ORDER BY changed_on || ' ' || change || ' ' || other_unit_id)
            AS told
    FROM (SELECT DISTINCT unit_id, cohort, cohort_start, cohort_end FROM mart.effect_by_unit) AS cell
    JOIN mart.unit_change AS change
        ON change.unit_id = cell.unit_id AND (cell.cohort_start IS NULL OR change.changed_on BETWEEN cell.cohort_start AND cell.cohort_end)
    GROUP BY ALL
) AS changed
WHERE changed.unit_id = cell.unit_id AND changed.cohort = cell.cohort;
