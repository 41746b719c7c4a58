-- unit_changes.sql   when what a unit holds changed
-- grain              one row per unit, day, change and other unit
SELECT *
FROM unit_change
ORDER BY changed_on, unit_id, change, other_unit_id
