-- money_mapping.sql  the first mapping rule that fits each posting, in the catalogue's order
-- reads       posting, mapping_rule (rank, its conditions and where it leads), mapping_pattern (rank, account prefix or glob; none means any)
-- grain       one row per posting; a posting that no rule fits stays, as `(unmapped)`
-- columns     unit_id, core_task_id, cost_class and the posting's own
-- A rule is valid from its first day up to, not including, its last.
CREATE TABLE cost_line AS
WITH what AS (
    SELECT DISTINCT account, booked_unit, species, kind FROM posting
),
fitting AS (
    SELECT DISTINCT what.*, mapping_rule.rank, mapping_rule.valid_from, mapping_rule.valid_to
    FROM what
    JOIN mapping_pattern
        ON (mapping_pattern.prefix IS NULL OR starts_with(what.account, mapping_pattern.prefix))
        AND (mapping_pattern.glob IS NULL OR what.account GLOB mapping_pattern.glob)
    JOIN mapping_rule
        ON mapping_rule.rank = mapping_pattern.rank
        AND (mapping_rule.units IS NULL OR list_contains(mapping_rule.units, what.booked_unit))
        AND (mapping_rule.species IS NULL OR list_contains(mapping_rule.species, what.species))
        AND (mapping_rule.kind IS NULL OR mapping_rule.kind = what.kind)
),
chosen AS (
    SELECT posting.posting_id, min(fitting.rank) AS rank
    FROM posting
    JOIN fitting USING (account, booked_unit, species, kind)
    WHERE (fitting.valid_from IS NULL OR posting.booked_on >= fitting.valid_from) AND (fitting.valid_to IS NULL OR posting.booked_on < fitting.valid_to)
    GROUP BY ALL
)
SELECT
    coalesce(mapping_rule.set_unit, posting.booked_unit) AS unit_id,
    coalesce(mapping_rule.core_task_id, '(unmapped)') AS core_task_id,
    coalesce(mapping_rule.cost_class, 'unmapped') AS cost_class,
    posting.* EXCLUDE (posting_id, booked_unit, account, species)
FROM posting
LEFT JOIN chosen USING (posting_id)
LEFT JOIN mapping_rule USING (rank);
