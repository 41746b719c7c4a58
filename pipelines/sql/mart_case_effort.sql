-- mart_case_effort.sql  what units put into each case by the events' own `effort`, index day to deciding day (ADR 11)
-- reads  case_of
-- grain  case x unit; what outputs add comes after (mart_case_output.sql)
CREATE TABLE case_effort AS
SELECT case_no, unit_id, TRY_CAST(json_extract_string(contributors, '/' || unit_id) AS DECIMAL(38, 9)) AS minutes
FROM (SELECT case_no, contributors, unnest(json_keys(contributors)) AS unit_id FROM case_of WHERE contributors IS NOT NULL);
