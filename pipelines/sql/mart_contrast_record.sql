-- mart_contrast_record.sql  the records of one comparison with their side, outcome and values
-- reads       contrast_candidate, contrast_known, contrast_took_part, contrast_change, contrast_value
-- parameters  $treated_units, $control_units unit ids (with everything below them); $grid; $value_span interval from the index until the value is
--             known, $follow_end last day that sources are complete for; $own_values take the effect record's own value and baseline; $is_paired
--             persons are compared with themselves
-- grain       one row per index event
-- columns     side      1 treated, 0 control, -1 neither, 2 both
--             outcome   0 pending, 1 achieved, 2 not achieved or competing, 3 censored or unmeasured
CREATE OR REPLACE TEMP TABLE contrast_record AS
WITH placed AS (
    SELECT
        candidate.*, known.attributes, change.changed_on,
        candidate.placement IN (SELECT placement FROM placement_unit WHERE list_contains($treated_units::VARCHAR[], unit_id)) AS in_treated_units,
        candidate.placement IN (SELECT placement FROM placement_unit WHERE list_contains($control_units::VARCHAR[], unit_id)) AS in_control_units,
        candidate.index_key IN (SELECT index_key FROM contrast_took_part WHERE side = 'treated') AS took_treated,
        candidate.index_key IN (SELECT index_key FROM contrast_took_part WHERE side = 'control') AS took_control,
        after.value AS measured_after,
        before.value AS measured_before
    FROM contrast_candidate AS candidate
    LEFT JOIN contrast_known AS known USING (index_key)
    LEFT JOIN contrast_change AS change USING (placement)
    LEFT JOIN contrast_value AS after ON after.index_key = candidate.index_key AND after.slot = 'value'
    LEFT JOIN contrast_value AS before ON before.index_key = candidate.index_key AND before.slot = 'before'
),
sided AS (
    SELECT *, (/*treated*/ true) AS is_treated, (/*control*/ true) AS is_control
    FROM placed
)
SELECT
    index_key, subject_key, unit_id, placement, index_on, changed_on, attributes,
    period_start(index_on, $grid) AS period_start,
    period_start(changed_on, $grid) AS changed_period,
    CASE WHEN is_treated AND is_control THEN 2 WHEN is_treated THEN 1 WHEN is_control THEN 0 ELSE -1 END::TINYINT AS side,
    CASE class
        WHEN 'pending' THEN 0
        WHEN 'achieved' THEN 1
        WHEN 'not_achieved' THEN 2
        WHEN 'competing' THEN 2
        ELSE 3
    END::TINYINT AS outcome,
    CASE WHEN $own_values THEN class <> 'pending' ELSE (index_on + $value_span::INTERVAL)::DATE <= $follow_end::DATE END AS is_ready,
    CASE
        WHEN NOT $own_values THEN measured_after
        WHEN $is_paired THEN baseline + value  -- a record's own value is how far its score moved
        ELSE value
    END AS value,
    CASE WHEN $own_values THEN baseline ELSE measured_before END AS before
FROM sided;
