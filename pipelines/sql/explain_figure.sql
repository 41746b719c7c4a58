-- explain_figure.sql  the published row of a figure, newest version of its indicator
-- reads        mart.effect_by_unit
-- parameters   indicator, unit, cohort
-- grain        at most one row
SELECT unit_id, core_task_id, indicator_id, indicator_version, cohort, cohort_start, cohort_end, cohort_size, pending, matured, achieved,
    not_achieved, competing, censored, unmeasured, denominator, share, share_low, share_high, state, reason
FROM mart.effect_by_unit
WHERE indicator_id = ? AND unit_id = ? AND cohort = ?
ORDER BY indicator_version DESC
LIMIT 1
