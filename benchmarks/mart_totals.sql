-- mart_totals.sql   what is no course: a ledger entry per team, core task and month, and a reported total per team and month
-- parameters $teams, $cohorts months
-- columns    line
WITH place AS (
    SELECT team, month, (hash(team, month) >> 2)::BIGINT AS dice,
        strftime(DATE '2021-01-01' + to_months(month::INTEGER), '%Y-%m') AS label
    FROM range($teams) AS teams(team) CROSS JOIN range($cohorts) AS months(month)
),
told AS (
    SELECT 'l' || team || '-' || month || '-' || task AS id, team, label, 'finance.ledger_posted' AS type,
        '"account":"' || task || '0000000","amount_ore":' || (dice % 90000000) || ',"kind":"actual"' AS data
    FROM place CROSS JOIN range(1, 4) AS tasks(task)
    UNION ALL
    SELECT 'r' || team || '-' || month, team, label, 'organisation.counts_reported',
        '"unit":"bench.team' || team || '","measure":"answered_in_time","period":"' || label || '","numerator":' || (dice % 40)
        || ',"denominator":' || (40 + dice // 41 % 20)
    FROM place
)
SELECT '{"specversion":"1.0","id":"' || id || '","source":"urn:invented:bench","type":"dk.kerneopgave.' || type
    || '.v1","subject":"bench.team' || team || '","time":"' || label || '-28T09:30:00+01:00","recordedtime":"' || label
    || '-28T10:30:00+01:00","data":{' || data || '}}' AS line
FROM told
ORDER BY id
