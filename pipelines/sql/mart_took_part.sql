-- mart_took_part.sql  under which units each case counts, each once however many of their units took part
-- reads    party, placement, placement_unit
-- grain    case x unit or ancestor, by the organisation on the index day; only indicators in which some case has several direct parties
-- columns  is_shared  several direct parties; is_crossing: some of them elsewhere; is_helped: led by a unit elsewhere; is_own: the unit itself took part
CREATE TABLE took_part AS
SELECT
    party.case_no, placement_unit.unit_id,
    any_value(party.n_direct > 1) AS is_shared,
    any_value(party.n_direct) > count(*) AS is_crossing,
    NOT bool_or(party.is_lead) AS is_helped,
    bool_or(party.unit_id = placement_unit.unit_id) AS is_own
FROM party
SEMI JOIN (SELECT position FROM party WHERE is_direct AND n_direct > 1) AS differing USING (position)
JOIN placement
    ON placement.unit_id = party.unit_id AND party.index_on >= placement.valid_from AND party.index_on < placement.valid_to
JOIN placement_unit USING (placement)
WHERE party.is_direct
GROUP BY ALL;
