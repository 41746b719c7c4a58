-- mart_named_unit.sql  every unit that a figure will stand at
-- reads       src_effect, cost_line, src_event
-- parameters  $types event types of outputs and amounts
CREATE TABLE named_unit AS
SELECT coalesce(unit_id, '(unmatched)') AS unit_id FROM src_effect
UNION
SELECT unnest(json_keys(contributors)) FROM src_effect WHERE contributors IS NOT NULL
UNION
SELECT unit_id FROM cost_line
UNION
SELECT coalesce(unit, '(unmatched)') FROM src_event WHERE list_contains($types, type);
