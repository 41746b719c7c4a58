-- as_is_part.sql  parts of cohorts that a unit gains or loses in today's organisation, where few persons stand behind one
-- reads       moved, record, cohort_grid, indicator
-- parameters  $k
-- columns     hides_share  of effects or of their complement; hides_rest: of anything else
-- grain       unit x indicator x version x cohort. The difference between the two organisations is such a part: it is told like any other cell
CREATE TABLE as_is_part AS
WITH part AS (
    SELECT
        moved.unit_id, moved.gained, record.position, cohort_grid.grid, period_start(record.period_start, cohort_grid.grid) AS cohort_start,
        count(DISTINCT subject_key) AS persons,
        count(DISTINCT subject_key) FILTER (class = 'pending') AS pending,
        count(DISTINCT subject_key) FILTER (class = 'achieved') AS achieved,
        count(DISTINCT subject_key) FILTER (class IN ('not_achieved', 'competing')) AS missed,
        count(DISTINCT subject_key) FILTER (class = 'not_achieved') AS not_achieved,
        count(DISTINCT subject_key) FILTER (class = 'competing') AS competing,
        count(DISTINCT subject_key) FILTER (class IN ('censored', 'unmeasured')) AS unseen
    FROM moved
    JOIN record USING (placement)
    CROSS JOIN cohort_grid
    GROUP BY ALL
)
SELECT
    part.unit_id, indicator.indicator_id, indicator.indicator_version, period_label(cohort_start, grid) AS cohort, cohort_start,
    period_end(cohort_start, grid) AS cohort_end,
    bool_or(is_small(achieved, $k) OR is_small(missed, $k) OR ($k > 1 AND achieved > 0 AND missed = 0)) AS hides_share,
    bool_or(
        is_small(persons, $k) OR is_small(pending, $k) OR is_small(not_achieved, $k) OR is_small(competing, $k) OR is_small(unseen, $k)
    ) AS hides_rest
FROM part
JOIN indicator USING (position)
GROUP BY ALL;
