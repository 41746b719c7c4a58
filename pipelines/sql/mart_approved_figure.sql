-- mart_approved_figure.sql  locked figures, and beside each what it is now
-- reads       locked (one row per locked figure), mart.effect_by_unit and mart.effect_per_krone as they are published, so suppressed already
-- parameters  $k
-- grain       unit x core task x indicator x cohort
-- A revision of 1 to k - 1 in effects, in their base or in those without effect is said, and not by how much.
INSERT INTO mart.approved_figure BY NAME
WITH now AS (
    SELECT e.unit_id, e.core_task_id, e.indicator_id, e.indicator_version, e.cohort, e.state, e.reason, e.achieved, e.denominator, e.share,
        k.cost_ore, k.effects_per_million
    FROM mart.effect_by_unit e
    LEFT JOIN (FROM mart.effect_per_krone WHERE attribution = 'lead') k USING (unit_id, indicator_id, indicator_version, cohort)
    QUALIFY row_number() OVER (PARTITION BY e.unit_id, e.core_task_id, e.indicator_id, e.cohort ORDER BY e.indicator_version DESC) = 1
),
met AS (
    SELECT
        locked.*,
        now.indicator_version AS indicator_version_now,
        coalesce(now.state, 'missing') AS state_now,
        now.reason AS reason_now,
        now.achieved AS achieved_now, now.denominator AS denominator_now, now.share AS share_now,
        now.cost_ore AS cost_now, now.effects_per_million AS epm_now,
        abs(now.achieved - locked.achieved) AS moved_achieved,
        abs(now.denominator - locked.denominator) AS moved_base,
        abs((now.denominator - now.achieved) - (locked.denominator - locked.achieved)) AS moved_missed
    FROM locked
    LEFT JOIN now USING (unit_id, core_task_id, indicator_id, cohort)
),
judged AS (
    SELECT *,
        coalesce(is_small(moved_achieved, $k) OR is_small(moved_base, $k) OR is_small(moved_missed, $k), false) AS by_a_few,
        state_now = 'suppressed' OR state = 'suppressed' AS untold,
        coalesce(
            achieved IS DISTINCT FROM achieved_now OR denominator IS DISTINCT FROM denominator_now OR share IS DISTINCT FROM share_now
            OR cost_ore IS DISTINCT FROM cost_now OR effects_per_million IS DISTINCT FROM epm_now, false) AS differs
    FROM met
)
SELECT
    unit_id, core_task_id, indicator_id, indicator_version, cohort, cohort_start, cohort_end,
    achieved AS locked_achieved, denominator AS locked_denominator, share AS locked_share, share_low AS locked_share_low,
    share_high AS locked_share_high, cost_ore AS locked_cost_ore, price_year AS locked_price_year,
    effects_per_million AS locked_effects_per_million, state AS locked_state,
    approved_at, approved_role, approved_version,
    CASE WHEN NOT untold THEN differs END AS revised,
    indicator_version_now,
    CASE WHEN NOT by_a_few THEN achieved_now END AS achieved,
    CASE WHEN NOT by_a_few THEN denominator_now END AS denominator,
    CASE WHEN NOT by_a_few THEN share_now END AS share,
    CASE WHEN NOT by_a_few THEN share_now - share END AS share_revision,
    cost_now AS cost_ore,
    CASE WHEN NOT by_a_few THEN epm_now END AS effects_per_million,
    CASE WHEN NOT by_a_few THEN epm_now - effects_per_million END AS effects_per_million_revision,
    CASE WHEN by_a_few THEN 'suppressed' ELSE state_now END AS state,
    CASE
        WHEN by_a_few THEN 'revised by fewer than ' || $k || ' persons since it was approved'
        WHEN state_now = 'missing' AND reason_now IS NULL THEN 'there is no such figure any more'
        ELSE reason_now
    END AS reason
FROM judged
ORDER BY unit_id, core_task_id, indicator_id, cohort;
