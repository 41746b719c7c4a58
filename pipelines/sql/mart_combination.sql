-- mart_combination.sql  how often each combination of units was seen, and how often the effect came with it
-- reads  party, case_of
-- grain  indicator x combination of direct parties. Cases of all cohorts together: single cohorts have too few of each
CREATE TABLE combination AS
WITH combined AS (
    SELECT case_no, list(unit_id ORDER BY unit_id) AS units
    FROM party
    WHERE is_direct
    GROUP BY case_no
)
SELECT
    row_number() OVER (ORDER BY position, units) AS combination_no,
    position,
    units,
    count(*) AS cases,
    count_if(achieved) AS achieved
FROM combined
JOIN case_of USING (case_no)
GROUP BY position, units;
