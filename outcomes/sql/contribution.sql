-- contribution.sql  what other units put in between index and decision, both days included
-- reads             told, decision
-- makes             contribution(indicator_no, index_key, contributors): minutes per unit as JSON, keys sorted. Summed as decimals, so that no
--                   order of rows changes a figure
CREATE OR REPLACE TEMP TABLE contribution AS
WITH helped AS (
    SELECT subject_key, occurred_on, effort, unnest(json_keys(effort)) AS unit_id FROM told WHERE effort IS NOT NULL
),
share AS (
    SELECT subject_key, occurred_on, unit_id, TRY_CAST(json_extract_string(effort, '/' || unit_id) AS DECIMAL(38, 9)) AS minutes FROM helped
),
summed AS (
    SELECT d.indicator_no, d.index_key, s.unit_id, sum(s.minutes) AS minutes
    FROM decision d JOIN share s ON s.subject_key = d.subject_key AND s.occurred_on BETWEEN d.index_on AND d.decided_on
    WHERE s.minutes IS NOT NULL
    GROUP BY d.indicator_no, d.index_key, s.unit_id
)
SELECT
    indicator_no, index_key,
    '{' || string_agg(to_json(unit_id)::VARCHAR || ':' || to_json(minutes::DOUBLE)::VARCHAR, ',' ORDER BY unit_id) || '}' AS contributors
FROM summed
GROUP BY indicator_no, index_key;
