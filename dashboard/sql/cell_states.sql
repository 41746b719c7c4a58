-- cell_states.sql   how many figures can be shown, and what the others lack
-- grain             one row per table and state
SELECT 'effect_by_unit' AS table_name, state, count(*) AS n
FROM effect_by_unit
GROUP BY ALL
UNION ALL
SELECT 'effect_per_krone', state, count(*)
FROM effect_per_krone
GROUP BY ALL
ORDER BY table_name, n DESC, state
