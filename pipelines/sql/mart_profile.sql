-- mart_profile.sql  every profile of every comparison, numbered, with its levels in the order of the covariates; empty without any
-- reads   coded, covariate_level (position, place -> level, level_no, weight of the place in the code, n_levels)
-- grain   one row per position, levels and follow
CREATE TABLE profile AS
WITH found AS (
    SELECT DISTINCT position, code, follow FROM coded
),
digit AS (
    SELECT DISTINCT position, place, level, level_no, weight, n_levels FROM covariate_level
),
named AS (
    SELECT found.position, found.code, found.follow, coalesce(list(digit.level ORDER BY digit.place) FILTER (digit.place IS NOT NULL), []) AS levels
    FROM found
    LEFT JOIN digit ON digit.position = found.position AND digit.level_no = found.code // digit.weight % digit.n_levels
    GROUP BY ALL
)
SELECT row_number() OVER (ORDER BY position, levels, follow NULLS FIRST)::INTEGER AS profile_no, position, levels, follow, code
FROM named;
