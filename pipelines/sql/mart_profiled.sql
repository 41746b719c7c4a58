-- mart_profiled.sql  the compared records by profile: the levels of all covariates as one number, and the time where the reference has times
-- reads   compared, covariate, covariate_value, told_value, covariate_level (position, place, value_no -> part of the number)
-- grain   one row per compared record
-- makes   coded; `code` is 0 without any covariate
CREATE TABLE coded AS
WITH numbered AS (
    SELECT covariate_value.* EXCLUDE (value), told_value.value_no
    FROM covariate_value
    JOIN told_value ON told_value.attribute = covariate_value.attribute AND told_value.value IS NOT DISTINCT FROM covariate_value.value
),
leveled AS (
    SELECT compared.position, compared.index_key, sum(covariate_level.part) AS code
    FROM compared
    JOIN covariate USING (position)
    JOIN numbered
        ON numbered.index_key = compared.index_key AND numbered.attribute = covariate.attribute AND numbered.until_decided = covariate.until_decided
        AND numbered.until = CASE WHEN covariate.until_decided THEN compared.end_on ELSE compared.index_on END
    JOIN covariate_level
        ON covariate_level.position = compared.position AND covariate_level.place = covariate.place AND covariate_level.value_no = numbered.value_no
    GROUP BY ALL
)
SELECT compared.position, compared.index_key, compared.placement, compared.period_start, coalesce(leveled.code, 0)::HUGEINT AS code, compared.follow, compared.amount
FROM compared
LEFT JOIN leveled USING (position, index_key);
