-- money_posting.sql  ledger entries that stand, summed over what the mapping rules can tell apart
-- reads   src_event
-- grain   one row per booked unit, account, species, kind, currency, accounting date and what the entry says it concerns; amounts in oere
CREATE TABLE posting AS
SELECT
    row_number() OVER () AS posting_id,
    *
FROM (
    SELECT
        coalesce(unit, subject) AS booked_unit,
        code AS account,
        coalesce(fields ->> '$.species', '') AS species,
        coalesce(fields ->> '$.kind', 'actual') AS kind,
        coalesce(fields ->> '$.currency', 'DKK') AS currency,
        occurred_on AS booked_on,
        fields ->> '$.concerns' AS concerns,
        sum(amount_ore) AS nominal_ore,
        coalesce(sum(amount_ore) FILTER (amount_ore > 0), 0) AS expenditure_ore,
        coalesce(sum(amount_ore) FILTER (amount_ore < 0), 0) AS income_ore
    FROM src_event
    WHERE type = 'finance.ledger_posted'
    GROUP BY ALL
);
