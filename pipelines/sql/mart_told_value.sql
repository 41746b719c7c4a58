-- mart_told_value.sql  every value that was told of an attribute, numbered; number 0 is that nothing was
-- reads   covariate_value
-- grain   one row per attribute and value
CREATE TABLE told_value AS
SELECT attribute, CASE WHEN value IS NULL THEN 0 ELSE dense_rank() OVER (PARTITION BY value IS NULL ORDER BY attribute, value) END::INTEGER AS value_no, value
FROM (
    SELECT DISTINCT attribute, value FROM covariate_value
    UNION
    SELECT DISTINCT attribute, NULL FROM covariate
);
