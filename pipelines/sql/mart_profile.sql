-- mart_profile.sql  every profile of every comparison, numbered
-- reads   profiled
-- grain   one row per position, levels and follow
CREATE TABLE profile AS
SELECT row_number() OVER (ORDER BY position, levels, follow NULLS FIRST)::INTEGER AS profile_no, *
FROM (SELECT DISTINCT position, levels, follow FROM profiled);
