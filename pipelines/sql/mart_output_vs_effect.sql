-- mart_output_vs_effect.sql
-- reads       output_count, output_kind, placement, placement_unit, meeting_grid, cost_meeting, lead_indicator (core task -> its lead_indicator indicator),
--             mart.effect_per_krone, effect_rank_of (limits of each unit's rank)
-- parameters  $k, $rank_method
-- grain       unit x core task x cohort; units that events name themselves, since a parent beside its children would be ranked against itself
INSERT INTO mart.output_vs_effect BY NAME
WITH delivered AS (
    SELECT
        placement_unit.unit_id, output_kind.core_task_id, meeting_grid.grid, period_start(output_count.period_start, meeting_grid.grid) AS cohort_start,
        sum(events)::BIGINT AS outputs,
        sum(covered)::BIGINT AS covered,
        sum(persons)::BIGINT AS persons
    FROM output_count
    JOIN output_kind USING (output_no)
    JOIN placement_unit USING (placement)
    CROSS JOIN meeting_grid
    WHERE output_kind.core_task_id IS NOT NULL
    GROUP BY ALL
),
shown AS (
    SELECT delivered.*, is_small(outputs, $k) OR is_small(persons, $k) OR is_small(covered, $k) OR is_small(outputs - covered, $k) AS hides_coverage,
        is_small(outputs, $k) OR is_small(persons, $k) AS hides_outputs
    FROM delivered
),
effect AS (
    SELECT effect_per_krone.*
    FROM mart.effect_per_krone
    SEMI JOIN lead_indicator USING (core_task_id, indicator_id, indicator_version)
    WHERE attribution = 'lead'
),
beside AS (
    SELECT
        coalesce(effect.unit_id, shown.unit_id) AS unit_id,
        coalesce(effect.core_task_id, shown.core_task_id) AS core_task_id,
        lead_indicator.indicator_id,
        coalesce(effect.cohort, period_label(shown.cohort_start, shown.grid)) AS cohort,
        coalesce(effect.cohort_start, shown.cohort_start) AS cohort_start,
        coalesce(effect.cohort_end, period_end(shown.cohort_start, shown.grid)) AS cohort_end,
        CASE WHEN NOT hides_outputs THEN outputs END AS outputs,
        CASE WHEN NOT hides_outputs AND cost_meeting.cost_ore > 0 THEN outputs / (cost_meeting.cost_ore / 1e8) END AS outputs_per_million,
        effect.effects_per_million,
        effect.epm_low,
        effect.epm_high,
        CASE WHEN NOT hides_outputs AND effect.attributed_effects > 0 THEN outputs / effect.attributed_effects END AS outputs_per_effect,
        CASE WHEN NOT hides_coverage AND outputs > 0 THEN covered / outputs END AS coverage,
        CASE
            WHEN effect.state IS NULL THEN 'missing'
            WHEN effect.state IN ('final', 'not_bounded') AND hides_outputs THEN 'suppressed'
            WHEN effect.state IN ('final', 'not_bounded') AND outputs IS NULL THEN 'missing'
            ELSE effect.state
        END AS state,
        CASE
            WHEN effect.state IS NULL THEN 'no effect cohort for this unit and period'
            WHEN effect.state IN ('final', 'not_bounded') AND hides_outputs THEN 'fewer than ' || $k || ' persons or events behind the outputs'
            WHEN effect.state IN ('final', 'not_bounded') AND outputs IS NULL THEN 'no declared output of the core task in this period'
            ELSE effect.reason
        END AS reason
    FROM effect
    FULL JOIN shown
        ON shown.unit_id = effect.unit_id AND shown.core_task_id = effect.core_task_id
        AND period_label(shown.cohort_start, shown.grid) = effect.cohort
    JOIN lead_indicator ON lead_indicator.core_task_id = coalesce(effect.core_task_id, shown.core_task_id)
    LEFT JOIN cost_meeting
        ON cost_meeting.unit_id = shown.unit_id AND cost_meeting.core_task_id = shown.core_task_id AND cost_meeting.grid = shown.grid
        AND cost_meeting.cohort_start IS NOT DISTINCT FROM shown.cohort_start
),
own AS (
    SELECT * FROM beside SEMI JOIN placement USING (unit_id)
),
ranked AS (
    SELECT
        *,
        CASE WHEN outputs_per_million IS NOT NULL
            THEN rank() OVER (PARTITION BY core_task_id, cohort ORDER BY outputs_per_million DESC NULLS LAST) END AS output_rank,
        CASE WHEN effects_per_million IS NOT NULL
            THEN rank() OVER (PARTITION BY core_task_id, cohort ORDER BY effects_per_million DESC NULLS LAST) END AS effect_rank
    FROM own
)
SELECT
    ranked.* EXCLUDE (epm_low, epm_high, output_rank, effect_rank),
    ranked.output_rank::INTEGER AS output_rank,
    ranked.effect_rank::INTEGER AS effect_rank,
    effect_rank_of.rank_low AS effect_rank_low,
    effect_rank_of.rank_high AS effect_rank_high,
    CASE WHEN effect_rank_of.rank_low IS NOT NULL THEN $rank_method END AS rank_method
FROM ranked
LEFT JOIN effect_rank_of USING (unit_id, core_task_id, cohort)
ORDER BY core_task_id, unit_id, cohort_start NULLS FIRST;
