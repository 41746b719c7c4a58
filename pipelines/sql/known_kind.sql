-- known_kind.sql  kinds of events that knowledge is told apart by: what happened to subjects, corrections of anything, units, money
-- makes           macro kind_of(type)
CREATE OR REPLACE TEMP MACRO kind_of(type) AS CASE
    WHEN starts_with(type, 'correction.') THEN 'correction'
    WHEN starts_with(type, 'organisation.unit_') THEN 'organisation'
    WHEN type = 'finance.ledger_posted' THEN 'ledger'
    ELSE 'event'
END;
