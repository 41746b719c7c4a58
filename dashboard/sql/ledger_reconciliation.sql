-- ledger_reconciliation.sql   proof that nothing of the ledger is lost
-- grain                       one row per kind and currency
SELECT *
FROM ledger_reconciliation
ORDER BY kind, currency
