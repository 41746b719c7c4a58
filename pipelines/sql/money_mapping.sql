-- money_mapping.sql  the first mapping rule that fits each posting, in the catalogue's order
-- reads       posting, mapping_rule (rank, its conditions and where it leads), mapping_pattern (rank, account prefix or glob; none means any)
-- grain       one row per posting; a posting that no rule fits stays, as `(unmapped)`
-- columns     unit_id, core_task_id, cost_class and the posting's own; booked_unit as the entry says; cost_on the day it belongs to
-- A rule is valid from its first day up to, not including, its last, by the accounting date. An entry that concerns another year, month or day
-- than its accounting date's belongs to the nearest day of that: wages of 2023 booked in January 2024 to 31 December 2023.
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
),
placed AS (
    SELECT
        coalesce(mapping_rule.set_unit, posting.booked_unit) AS unit_id,
        coalesce(mapping_rule.core_task_id, '(unmapped)') AS core_task_id,
        coalesce(mapping_rule.cost_class, 'unmapped') AS cost_class,
        coalesce(posting.concerns, CASE WHEN mapping_rule.is_year_before THEN (year(posting.booked_on) - 1)::VARCHAR END) AS concerned,
        posting.* EXCLUDE (posting_id, account, species, concerns)
    FROM posting
    LEFT JOIN chosen USING (posting_id)
    LEFT JOIN mapping_rule USING (rank)
),
bounded AS (
    SELECT
        *,
        CASE length(concerned) WHEN 4 THEN (concerned || '-01-01')::DATE WHEN 7 THEN (concerned || '-01')::DATE ELSE concerned::DATE END AS first_day,
        CASE length(concerned)
            WHEN 4 THEN (concerned || '-12-31')::DATE
            WHEN 7 THEN last_day((concerned || '-01')::DATE)
            ELSE concerned::DATE
        END AS final_day
    FROM placed
)
SELECT
    * EXCLUDE (concerned, first_day, final_day),
    CASE WHEN concerned IS NULL THEN booked_on ELSE least(greatest(booked_on, first_day), final_day) END AS cost_on
FROM bounded;
