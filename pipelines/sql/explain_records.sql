-- explain_records.sql  the effect records that a published figure counts, as it counts them
-- reads        record, placement_unit, indicator (of the mart's working tables), standing_effect
-- parameters   $indicator, $version, $unit (`(all)`: every unit); $first, $last: index days of the cohort
-- grain        one row per record that the figure counts
CREATE OR REPLACE TEMP TABLE explained AS
SELECT
    row_number() OVER (ORDER BY record.index_on, standing.subject, record.index_key) - 1 AS place,
    standing.indicator_id, standing.indicator_version, record.index_key, standing.subject, record.subject_key, record.index_on, standing.unit_id,
    record.class, standing.outcome, standing.decided_on, standing.resolves_on, standing.known_from, standing.version, standing.evidence,
    standing."value", standing.baseline
FROM record
JOIN indicator USING (position)
JOIN placement_unit USING (placement)
JOIN standing_effect AS standing USING (indicator_id, indicator_version, index_key)
WHERE indicator.indicator_id = $indicator AND indicator.indicator_version = $version
    AND placement_unit.unit_id = $unit AND record.index_on BETWEEN $first AND $last
