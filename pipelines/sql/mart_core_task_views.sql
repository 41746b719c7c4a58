-- mart_core_task_views.sql  the formal, the performed and the experienced core task side by side, and how far the citizens were involved
-- reads   views (core task -> target share and the indicators that show the two views), mart.effect_by_unit, mart.work_conditions
-- grain   core task x unit x cohort with a figure of either indicator; the newest version of each that has one
INSERT INTO mart.core_task_views BY NAME
WITH shown AS (
    SELECT views.core_task_id, 'performed' AS view, effect.*  EXCLUDE (core_task_id)
    FROM views
    JOIN mart.effect_by_unit AS effect ON effect.core_task_id = views.core_task_id AND effect.indicator_id = views.performed_indicator
    UNION ALL
    SELECT views.core_task_id, 'experienced' AS view, effect.* EXCLUDE (core_task_id)
    FROM views
    JOIN mart.effect_by_unit AS effect ON effect.core_task_id = views.core_task_id AND effect.indicator_id = views.experienced_indicator
),
newest AS (
    SELECT core_task_id, view, unit_id, cohort, cohort_start, cohort_end, share, share_low, share_high, state, reason
    FROM shown
    QUALIFY row_number() OVER (PARTITION BY core_task_id, view, unit_id, cohort ORDER BY indicator_version DESC) = 1
),
involved AS (
    SELECT DISTINCT unit_id, cohort, value, value_low, value_high FROM mart.work_conditions WHERE measure = 'involvement'
),
met AS (
    SELECT
        core_task_id, unit_id, cohort,
        coalesce(performed.cohort_start, experienced.cohort_start) AS cohort_start,
        coalesce(performed.cohort_end, experienced.cohort_end) AS cohort_end,
        performed.share AS performed, performed.share_low AS performed_low, performed.share_high AS performed_high,
        coalesce(performed.state, 'missing') AS performed_state, performed.reason AS performed_reason,
        experienced.share AS experienced, experienced.share_low AS experienced_low, experienced.share_high AS experienced_high,
        coalesce(experienced.state, 'missing') AS experienced_state, experienced.reason AS experienced_reason
    FROM (FROM newest WHERE view = 'performed') AS performed
    FULL JOIN (FROM newest WHERE view = 'experienced') AS experienced USING (core_task_id, unit_id, cohort)
)
SELECT
    met.core_task_id,
    met.unit_id,
    met.cohort,
    met.cohort_start,
    met.cohort_end,
    views.formal,
    met.performed,
    met.performed_low,
    met.performed_high,
    met.experienced,
    met.experienced_low,
    met.experienced_high,
    met.performed - views.formal AS gap_formal_performed,
    met.performed_low - views.formal AS gap_formal_performed_low,
    met.performed_high - views.formal AS gap_formal_performed_high,
    met.experienced - met.performed AS gap_performed_experienced,
    involved.value AS involvement,
    involved.value_low AS involvement_low,
    involved.value_high AS involvement_high,
    met.experienced_state,
    met.performed_state AS state,
    nullif(concat_ws('; ',
        CASE
            WHEN met.performed_state = 'missing' AND met.performed_reason IS NULL THEN 'no figure shows the performed view'
            WHEN met.performed_state <> 'final' THEN met.performed_reason
        END,
        CASE WHEN views.formal IS NULL THEN 'no target is decided' END,
        CASE
            WHEN views.experienced_indicator IS NULL THEN 'the catalogue names no indicator for the experienced view'
            WHEN met.experienced_state <> 'final' THEN 'experienced: ' || coalesce(met.experienced_reason, 'nobody was asked')
        END
    ), '') AS reason
FROM met
JOIN views USING (core_task_id)
LEFT JOIN involved USING (unit_id, cohort)
ORDER BY met.core_task_id, met.unit_id, met.cohort_start NULLS FIRST, met.cohort;
