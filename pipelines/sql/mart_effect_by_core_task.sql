-- mart_effect_by_core_task.sql
-- reads       level_cell, level_share, level_indicator
-- parameters  $grid, $meeting_grid, $k
-- grain       core task x unit x cohort
-- A small cell takes with it the cells from which it could be worked out: the other units of the cohort, and the unit's other cohorts that hold it.
-- Persons of several units or cohorts may be the same, so no sum is exact, and none is close enough to try.
INSERT INTO mart.effect_by_core_task BY NAME
WITH judged_level AS (
    SELECT
        *,
        is_small
        OR (unit_id <> '(all)' AND bool_or(is_small) OVER (PARTITION BY core_task_id, grid, cohort_start))
        OR bool_or(is_small) OVER (PARTITION BY core_task_id, unit_id) AND grid <> $grid AS is_hidden
    FROM level_cell
    WHERE grid IN ($grid, $meeting_grid, 'all')
),
told AS (
    SELECT
        *,
        CASE
            WHEN is_hidden THEN 'suppressed'
            WHEN pending > 0 THEN 'immature'
            WHEN persons = 0 THEN 'missing'
            ELSE 'final'
        END AS state
    FROM judged_level
)
SELECT
    told.core_task_id,
    told.unit_id,
    period_label(told.cohort_start, told.grid) AS cohort,
    told.cohort_start,
    period_end(told.cohort_start, told.grid) AS cohort_end,
    (SELECT to_json(list(DISTINCT indicator_id ORDER BY indicator_id)) FROM level_indicator AS shown WHERE shown.core_task_id = told.core_task_id)
        AS indicators,
    CASE WHEN NOT is_hidden THEN persons END AS persons,
    CASE WHEN NOT is_hidden THEN achieved END AS achieved,
    CASE WHEN NOT is_hidden THEN several END AS several,
    CASE WHEN NOT is_hidden THEN level_share.share END AS share,
    CASE WHEN NOT is_hidden THEN level_share.share_low END AS share_low,
    CASE WHEN NOT is_hidden THEN level_share.share_high END AS share_high,
    'wilson' AS share_method,
    told.state,
    CASE told.state
        WHEN 'suppressed' THEN 'fewer than ' || $k || ' persons behind the figure, one below it, or one beside it'
        WHEN 'immature' THEN 'part of the cohort is not mature yet'
        WHEN 'missing' THEN 'nobody who is mature was in sight and measured to the end'
    END AS reason
FROM told
JOIN level_share USING (level_no)
ORDER BY told.core_task_id, told.unit_id, told.cohort_start NULLS FIRST;
