-- mart_krone_sampled.sql  rows of `krone` whose cost has a sampling error, in kroner, for Fieller's sets
-- reads       krone, krone_cost
SELECT row_no, attributed_effects AS effect, effect_se, cost_ore / 100 AS cost, cost_se / 100 AS cost_se
FROM krone
JOIN krone_cost ON krone_cost.row_no = krone.rowid
WHERE cost_se > 0 AND effects_per_million IS NOT NULL
ORDER BY row_no;
