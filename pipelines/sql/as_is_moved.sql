-- as_is_moved.sql  what units hold in today's organisation and did not then, and the other way round
-- reads    placement, placement_unit (members as it was), line_today (members as it is)
-- grain    unit x placement that it gains or loses
CREATE TABLE moved AS
SELECT changed.unit_id, placement.placement, placement.unit_id AS from_unit, changed.gained
FROM (
    SELECT unit_id, placement, true AS gained FROM line_today ANTI JOIN placement_unit USING (placement, unit_id)
    UNION ALL
    SELECT unit_id, placement, false AS gained FROM placement_unit ANTI JOIN line_today USING (placement, unit_id)
) AS changed
JOIN placement USING (placement)
SEMI JOIN (SELECT placement FROM record UNION SELECT placement FROM cost_cell) AS used USING (placement);
