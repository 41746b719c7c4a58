-- data_quality.sql   how complete and clean the input is
-- grain              one row per source and check
SELECT *
FROM data_quality
ORDER BY source, "check"
