-- mart_core_task_views.sql  formal and performed core task; the experienced one when its indicator is computed
-- reads   views (core task -> target share and the indicators that show the two views), mart.effect_by_unit
-- grain   core task x unit x cohort
INSERT INTO mart.core_task_views BY NAME
SELECT
    views.core_task_id,
    performed.unit_id,
    performed.cohort,
    performed.cohort_start,
    performed.cohort_end,
    views.formal,
    performed.share AS performed,
    performed.share_low AS performed_low,
    performed.share_high AS performed_high,
    performed.share - views.formal AS gap_formal_performed,
    performed.state,
    concat_ws('; ',
        CASE WHEN performed.state <> 'final' THEN performed.reason END,
        CASE WHEN views.formal IS NULL THEN 'no target is decided' END,
        'the experienced view is not computed yet'
    ) AS reason
FROM views
JOIN mart.effect_by_unit AS performed
    ON performed.core_task_id = views.core_task_id AND performed.indicator_id = views.performed_indicator
ORDER BY views.core_task_id, performed.unit_id, performed.cohort_start NULLS FIRST;
