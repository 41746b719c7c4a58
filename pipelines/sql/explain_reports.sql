-- explain_reports.sql  the totals that sources reported of a unit and all below it, for an indicator with no persons behind it
-- reads        src_event, placement, placement_unit, indicator
-- parameters   $indicator, $unit, $first, $last: days in which the reported period begins; $as_of
-- grain        one row per report that stands
CREATE OR REPLACE TEMP TABLE explained AS
WITH told AS (
    SELECT event_key, subject, subject_key, unit, occurred_on, recorded_at, measure, numerator, denominator, period,
        (period || CASE length(period) WHEN 4 THEN '-01-01' WHEN 7 THEN '-01' ELSE '' END)::DATE AS first_on
    FROM (
        SELECT *, code AS measure, json_extract_string(fields, '/period') AS period,
            json_extract(fields, '/numerator')::DOUBLE AS numerator, json_extract(fields, '/denominator')::DOUBLE AS denominator
        FROM src_event WHERE type = 'organisation.counts_reported' AND occurred_on <= $as_of::DATE
        QUALIFY row_number() OVER (PARTITION BY unit, code, period ORDER BY recorded_at DESC, content_hash DESC, event_key DESC) = 1
    )
)
SELECT
    row_number() OVER (ORDER BY told.first_on, told.unit, told.event_key) - 1 AS place,
    indicator.indicator_id, indicator.indicator_version, told.event_key AS index_key, told.subject, told.subject_key, told.first_on AS index_on,
    told.unit AS unit_id, 'reported' AS class, 'reported' AS outcome, told.occurred_on AS decided_on, told.occurred_on AS resolves_on,
    told.recorded_at AS known_from, 1 AS version, [told.event_key] AS evidence, told.numerator AS "value", told.denominator AS baseline
FROM told
JOIN indicator ON indicator.kind = 'reported' AND indicator.measure = told.measure AND indicator.indicator_id = $indicator
JOIN placement ON placement.unit_id = told.unit AND told.first_on >= placement.valid_from AND told.first_on < placement.valid_to
JOIN placement_unit ON placement_unit.placement = placement.placement AND placement_unit.unit_id = $unit
WHERE told.first_on BETWEEN $first AND $last
