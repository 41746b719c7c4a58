-- mart_profiled.sql  the compared records by profile: the levels of all covariates, and the time where the reference has times
-- reads   compared, covariate_value, covariate_level (position, place, value -> level)
-- grain   one row per compared record
-- makes   profiled; `levels` is a list in the order of the covariates, empty without any
CREATE TABLE profiled AS
WITH leveled AS (
    SELECT covariate_value.position, covariate_value.index_key, list(covariate_level.level ORDER BY covariate_value.place) AS levels
    FROM covariate_value
    JOIN covariate_level
        ON covariate_level.position = covariate_value.position AND covariate_level.place = covariate_value.place
        AND covariate_level.value IS NOT DISTINCT FROM covariate_value.value
    GROUP BY ALL
)
SELECT compared.position, compared.index_key, compared.placement, compared.period_start, coalesce(leveled.levels, []) AS levels, compared.follow, compared.amount
FROM compared
LEFT JOIN leveled USING (position, index_key);
