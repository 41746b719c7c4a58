-- mart_attribution_by_unit.sql  one effect, many who took part: who is given how much of it under each rule, and what nobody is given
-- reads       claimed, whole (indicator -> parts of one effect that units share), indirect (what support units put in), indicator, cost_meeting
-- parameters  $parts whole parts of one effect; $k
-- grain       unit, `(citizen)`, `(unclaimed)` or `(all)` x indicator x version x cohort x rule
-- The own parts of all units, `(citizen)` and `(unclaimed)` add up to those of `(all)` exactly: whole numbers, of which $parts make one effect.
INSERT INTO mart.attribution_by_unit BY NAME
WITH everybody AS (
    SELECT claimed.*, $parts::HUGEINT * achieved AS all_parts, $parts::HUGEINT - whole.parts AS citizen_part
    FROM claimed
    JOIN whole USING (position)
    WHERE unit_id = '(all)'
),
unmatched AS (
    SELECT * FROM claimed WHERE unit_id = '(unmatched)'
),
line AS (
    SELECT
        unit_id, 'unit' AS role, position, grid, cohort_start, rule, basis, limits, cohort_state, cases, achieved,
        effect_parts AS attributed_parts, own_parts, effects_low, effects_high, NULL AS minutes
    FROM claimed
    WHERE unit_id NOT IN ('(all)', '(unmatched)')
    UNION ALL BY NAME
    SELECT
        '(all)' AS unit_id, 'all' AS role, position, grid, cohort_start, rule, basis, limits, cohort_state, cases, achieved,
        all_parts AS attributed_parts, all_parts AS own_parts
    FROM everybody
    UNION ALL BY NAME
    SELECT
        '(citizen)' AS unit_id, 'citizen' AS role, position, grid, cohort_start, rule, 'stated' AS basis, cohort_state, cases, achieved,
        citizen_part * achieved AS attributed_parts, citizen_part * achieved AS own_parts
    FROM everybody
    UNION ALL BY NAME
    SELECT
        '(unclaimed)' AS unit_id, 'unclaimed' AS role, everybody.position, everybody.grid, everybody.cohort_start, everybody.rule,
        coalesce(unmatched.basis, everybody.basis) AS basis,
        unmatched.limits,
        coalesce(unmatched.cohort_state, everybody.cohort_state) AS cohort_state,
        CASE WHEN unmatched.rule IS NULL AND everybody.cohort_state = 'final' THEN 0 ELSE unmatched.cases END AS cases,
        CASE WHEN unmatched.rule IS NULL AND everybody.cohort_state = 'final' THEN 0 ELSE unmatched.achieved END AS achieved,
        CASE WHEN unmatched.rule IS NULL AND everybody.cohort_state = 'final' THEN 0 ELSE unmatched.effect_parts END AS attributed_parts,
        attributed_parts AS own_parts,
        unmatched.effects_low, unmatched.effects_high
    FROM everybody
    LEFT JOIN unmatched
        ON unmatched.position = everybody.position AND unmatched.grid = everybody.grid AND unmatched.rule = everybody.rule
        AND unmatched.cohort_start IS NOT DISTINCT FROM everybody.cohort_start
    UNION ALL BY NAME
    SELECT
        indirect.unit_id, 'indirect' AS role, indirect.position, indirect.grid, indirect.cohort_start, everybody.rule, 'indirect' AS basis,
        CASE WHEN is_hidden THEN 'suppressed' WHEN everybody.cohort_state = 'immature' THEN 'immature' ELSE 'final' END AS cohort_state,
        indirect.cases, indirect.achieved, indirect.minutes
    FROM indirect
    JOIN everybody
        ON everybody.position = indirect.position AND everybody.grid = indirect.grid
        AND everybody.cohort_start IS NOT DISTINCT FROM indirect.cohort_start
)
SELECT
    line.unit_id,
    indicator.core_task_id, indicator.indicator_id, indicator.indicator_version,
    period_label(line.cohort_start, line.grid) AS cohort,
    line.cohort_start,
    period_end(line.cohort_start, line.grid) AS cohort_end,
    line.rule AS attribution,
    line.role,
    line.basis,
    CASE WHEN line.cohort_state = 'final' THEN line.cases END AS cases,
    CASE WHEN line.cohort_state = 'final' THEN line.achieved END AS achieved,
    indicator.weight * line.attributed_parts / $parts AS attributed_effects,
    line.effects_low,
    line.effects_high,
    line.limits AS effects_method,
    line.attributed_parts / nullif(everybody.all_parts, 0) AS share,
    indicator.weight * line.own_parts / $parts AS own_effects,
    line.own_parts::BIGINT AS own_parts,
    CASE WHEN line.cohort_state = 'final' THEN line.minutes::DOUBLE END AS minutes,
    CASE WHEN line.role IN ('unit', 'indirect') THEN cost_meeting.cost_ore END AS cost_ore,
    line.cohort_state AS state,
    CASE
        WHEN line.cohort_state = 'suppressed' THEN 'fewer than ' || $k || ' persons behind the effects, or behind those that are shared'
        WHEN line.cohort_state = 'immature' THEN 'part of the cohort is not mature yet, so its effects are not all known'
        WHEN line.cohort_state = 'missing' THEN 'nobody who is mature was in sight and measured to the end'
        WHEN line.role = 'citizen' AND line.attributed_parts = 0 AND whole.parts = $parts THEN 'the catalogue states no share of the citizen''s own: 0'
        WHEN line.role = 'citizen' THEN 'stated: ' || whole.source
        WHEN line.role = 'unclaimed' THEN 'effects whose index event names no unit'
        WHEN line.role = 'indirect' THEN 'support unit: takes part indirectly, and is given no effect'
    END AS reason
FROM line
JOIN indicator USING (position)
JOIN whole USING (position)
JOIN everybody
    ON everybody.position = line.position AND everybody.grid = line.grid AND everybody.rule = line.rule
    AND everybody.cohort_start IS NOT DISTINCT FROM line.cohort_start
LEFT JOIN cost_meeting
    ON cost_meeting.unit_id = line.unit_id AND cost_meeting.core_task_id = indicator.core_task_id AND cost_meeting.grid = line.grid
    AND cost_meeting.cohort_start IS NOT DISTINCT FROM line.cohort_start
ORDER BY line.position, line.unit_id, line.cohort_start NULLS FIRST, list_position(['lead', 'equal', 'effort', 'shapley'], line.rule);
