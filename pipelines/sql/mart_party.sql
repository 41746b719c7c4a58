-- mart_party.sql  who took part in each case, and how much
-- reads    case_of, case_effort, support_unit
-- grain    case x unit. The unit of the index event always took part; another one when it put minutes in, or did something of unknown length
-- columns  minutes     registered minutes; null: took part, and nobody wrote down for how long
--          is_lead     the unit of the index event
--          is_direct   shares the effect: every unit but support units, and the lead whatever it is
--          n_direct    direct parties of the case
--          has_minutes every direct party has minutes, so that effort can be compared
CREATE TABLE party AS
WITH summed AS (
    SELECT case_no, unit_id, sum(minutes) AS minutes, bool_or(minutes IS NULL) AS of_unknown_length
    FROM case_effort
    GROUP BY ALL
    HAVING sum(minutes) > 0 OR bool_or(minutes IS NULL)
),
involved AS (
    SELECT
        coalesce(case_of.case_no, summed.case_no) AS case_no,
        coalesce(case_of.unit_id, summed.unit_id) AS unit_id,
        CASE WHEN NOT summed.of_unknown_length THEN summed.minutes END AS minutes,
        case_of.case_no IS NOT NULL AS is_lead
    FROM case_of
    FULL JOIN summed ON summed.case_no = case_of.case_no AND summed.unit_id = case_of.unit_id
),
judged AS (
    SELECT involved.*, is_lead OR support_unit.unit_id IS NULL AS is_direct
    FROM involved
    LEFT JOIN support_unit USING (unit_id)
)
SELECT
    judged.*,
    count_if(is_direct) OVER of_case AS n_direct,
    bool_and(NOT is_direct OR coalesce(minutes, 0) > 0) OVER of_case AS has_minutes,
    case_of.position,
    case_of.index_on
FROM judged
JOIN case_of USING (case_no)
WINDOW of_case AS (PARTITION BY judged.case_no);
