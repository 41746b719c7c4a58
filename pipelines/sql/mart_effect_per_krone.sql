-- mart_effect_per_krone.sql  `krone`: effects over cost, which mart_krone_money.sql completes and publishes
-- reads       claimed, indicator, cost_meeting
-- parameters  $k, $price_year (null: as booked), $currency
-- grain       unit x indicator x version x cohort x attribution rule
-- The cost is a full count, without sampling error: limits of the effects alone (Wilson; see mart_claimed.sql) make the interval. One million kroner is 1e8 oere.
CREATE TABLE krone AS
WITH met AS (
    SELECT
        claimed.*, indicator.* EXCLUDE (position),
        cost_meeting.cost_ore,
        cost_meeting.unit_id IS NOT NULL AS has_cost
    FROM claimed
    JOIN indicator USING (position)
    LEFT JOIN cost_meeting
        ON cost_meeting.unit_id = claimed.unit_id AND cost_meeting.core_task_id = indicator.core_task_id AND cost_meeting.grid = claimed.grid
        AND cost_meeting.cohort_start IS NOT DISTINCT FROM claimed.cohort_start
),
stated AS (
    SELECT
        *,
        CASE
            WHEN cohort_state = 'suppressed' AND NOT has_cost THEN 'missing'  -- no cost is booked, whatever is hidden of the effects
            WHEN cohort_state <> 'final' THEN cohort_state
            WHEN cost_ore IS NULL OR cost_ore <= 0 THEN 'missing'
            WHEN effects = 0 THEN 'not_bounded'
            ELSE 'final'
        END AS state
    FROM met
),
priced AS (
    SELECT *, state IN ('final', 'not_bounded') AS is_priced, cost_ore / 1e8 AS millions
    FROM stated
)
SELECT
    unit_id, core_task_id, indicator_id, indicator_version, grid,
    period_label(cohort_start, grid) AS cohort,
    cohort_start,
    period_end(cohort_start, grid) AS cohort_end,
    rule AS attribution,
    basis AS attribution_basis,
    limits AS effects_method,
    effects AS attributed_effects,
    effects_low,
    effects_high,
    cost_ore,
    CASE WHEN cost_ore IS NOT NULL THEN $price_year::INTEGER END AS price_year,
    $currency AS currency,
    CASE WHEN is_priced THEN effects / millions END AS effects_per_million,
    CASE WHEN is_priced THEN effects_low / millions END AS epm_low,
    CASE WHEN is_priced THEN effects_high / millions END AS epm_high,
    CASE WHEN is_priced AND effects > 0 THEN cost_ore / 100 / effects END AS kroner_per_effect,
    CASE WHEN is_priced AND effects_high > 0 THEN cost_ore / 100 / effects_high END AS kpe_low,
    CASE WHEN is_priced AND effects_low > 0 THEN cost_ore / 100 / effects_low END AS kpe_high,
    CASE WHEN is_priced THEN effects_low > 0 END AS kpe_bounded,
    value_per_effect_ore,
    evidence_level,
    CASE WHEN cohort_state <> state THEN cohort_state END AS effect_state,
    state,
    CASE
        WHEN state = 'suppressed' THEN 'fewer than ' || $k || ' persons behind the effects'
        WHEN state = 'immature' THEN 'part of the cohort is not mature yet, so its effects are not all known'
        WHEN cohort_state = 'missing' THEN 'nobody who is mature was in sight and measured to the end'
        WHEN NOT has_cost THEN 'no cost is booked for this unit, core task and period'
        WHEN cost_ore IS NULL THEN 'no price index for a year of this period'
        WHEN cost_ore <= 0 THEN 'the booked cost is not above zero'
        WHEN state = 'not_bounded' THEN 'no effect was achieved, so kroner per effect has no upper limit'
    END AS reason
FROM priced
ORDER BY position, unit_id, cohort_start NULLS FIRST, list_position(['lead', 'equal', 'effort', 'shapley'], rule);
