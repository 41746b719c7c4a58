-- mart_effect_curve.sql
-- reads       curve, judged, indicator
-- parameters  $grid, $k
-- grain       unit x indicator x version x cohort x time that may be told; where a curve is hidden, or ends because what follows would tell of
--             few, one row says so
INSERT INTO mart.effect_curve BY NAME
WITH kept AS (
    SELECT
        curve.*, judged.cell_id, judged.unit_id, judged.grid, judged.cohort_start, judged.hide_estimate,
        judged.hide_estimate OR curve.not_told AS is_hidden
    FROM curve
    JOIN judged ON judged.position = curve.position AND judged.place = curve.place
    WHERE judged.grid IN ($grid, 'all') AND (curve.time = 0 OR judged.hide_estimate IS NOT TRUE)
)
SELECT
    kept.unit_id,
    indicator.core_task_id,
    indicator.indicator_id,
    indicator.indicator_version,
    period_label(kept.cohort_start, kept.grid) AS cohort,
    kept.cohort_start,
    period_end(kept.cohort_start, kept.grid) AS cohort_end,
    kept.time,
    indicator.time_unit,
    CASE WHEN NOT is_hidden THEN at_risk END AS at_risk,
    CASE WHEN NOT is_hidden THEN events END AS events,
    CASE WHEN NOT is_hidden THEN competing END AS competing,
    CASE WHEN NOT is_hidden THEN censored END AS censored,
    CASE WHEN NOT is_hidden THEN incidence END AS incidence,
    CASE WHEN NOT is_hidden THEN incidence_low END AS incidence_low,
    CASE WHEN NOT is_hidden THEN incidence_high END AS incidence_high,
    CASE WHEN NOT is_hidden THEN survival END AS survival,
    CASE WHEN NOT is_hidden THEN survival_low END AS survival_low,
    CASE WHEN NOT is_hidden THEN survival_high END AS survival_high,
    indicator.method,
    CASE WHEN is_hidden THEN 'suppressed' ELSE 'final' END AS state,
    CASE
        WHEN hide_estimate THEN 'too few persons behind the curve'
        WHEN not_told THEN 'would tell of fewer than ' || $k || ' persons'
    END AS reason
FROM kept
JOIN indicator USING (position)
ORDER BY kept.cell_id, kept.time;
