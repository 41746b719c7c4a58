-- headline.sql
-- reads       mart.output_vs_effect, mart.effect_per_krone, mart.effect_by_unit and the dimensions
-- grain       core task x unit, in the newest cohort for which most of the core task's units have an effect per krone
-- columns     those of HeadlineRow, in order
WITH settled AS (
    SELECT core_task_id, cohort, cohort_start, count_if(state IN ('final', 'not_bounded')) AS n_settled
    FROM mart.output_vs_effect
    WHERE cohort_start IS NOT NULL AND effects_per_million IS NOT NULL
    GROUP BY ALL
),
chosen AS (
    SELECT core_task_id, cohort
    FROM settled
    QUALIFY row_number() OVER (PARTITION BY core_task_id ORDER BY n_settled DESC, cohort_start DESC) = 1
),
unit_name AS (
    SELECT unit_id, arg_max(name, coalesce(valid_from, DATE '0001-01-01')) AS name FROM mart.dim_unit GROUP BY unit_id
),
core_task AS (
    SELECT core_task_id, arg_max(name_en, version) AS name FROM mart.dim_core_task GROUP BY core_task_id
)
SELECT
    core_task.name, dim_indicator.name_en, side.cohort, side.unit_id, coalesce(unit_name.name, side.unit_id),
    side.outputs, side.outputs_per_million,
    effect.achieved, effect.denominator, effect.share, effect.share_low, effect.share_high,
    krone.effects_per_million, krone.epm_low, krone.epm_high, krone.kroner_per_effect, krone.kpe_low, krone.kpe_high,
    side.output_rank, side.effect_rank, side.effect_rank_low, side.effect_rank_high,
    coalesce(krone.state, side.state), coalesce(krone.reason, side.reason)
FROM mart.output_vs_effect AS side
JOIN chosen USING (core_task_id, cohort)
JOIN core_task USING (core_task_id)
LEFT JOIN (FROM mart.effect_per_krone WHERE attribution = 'lead') AS krone USING (unit_id, core_task_id, indicator_id, cohort)
LEFT JOIN mart.effect_by_unit AS effect
    ON effect.unit_id = side.unit_id AND effect.indicator_id = krone.indicator_id
    AND effect.indicator_version = krone.indicator_version AND effect.cohort = side.cohort
JOIN mart.dim_indicator AS dim_indicator
    ON dim_indicator.indicator_id = side.indicator_id AND dim_indicator.version = coalesce(krone.indicator_version, dim_indicator.version)
LEFT JOIN unit_name USING (unit_id)
QUALIFY row_number() OVER (PARTITION BY side.core_task_id, side.unit_id ORDER BY dim_indicator.version DESC) = 1
ORDER BY core_task.name, side.effect_rank NULLS LAST, side.unit_id;
