-- mart_indirect.sql  what support units put into the decided cases of each cohort, and where money is booked at one without a case
-- reads       party, case_of, meeting_grid, support_unit, cost_meeting, indicator
-- parameters  $k
-- grain       support unit x position x grid x cohort
CREATE TABLE indirect AS
WITH helped AS (
    SELECT
        party.unit_id, case_of.position, meeting_grid.grid, period_start(case_of.period_start, meeting_grid.grid) AS cohort_start,
        count(*) AS cases,
        count_if(case_of.achieved) AS achieved,
        sum(party.minutes) AS minutes,
        count(DISTINCT case_of.subject_key) AS persons,
        count(DISTINCT case_of.subject_key) FILTER (case_of.achieved) AS achieved_persons,
        count(DISTINCT case_of.subject_key) FILTER (NOT case_of.achieved) AS missed_persons
    FROM party
    JOIN case_of USING (case_no)
    CROSS JOIN meeting_grid
    WHERE NOT party.is_direct
    GROUP BY ALL
),
paid AS (
    SELECT cost_meeting.unit_id, indicator.position, cost_meeting.grid, cost_meeting.cohort_start
    FROM cost_meeting
    SEMI JOIN support_unit USING (unit_id)
    JOIN indicator USING (core_task_id)
    WHERE indicator.lead_for_cost
),
listed AS (
    SELECT unit_id, position, grid, cohort_start FROM helped
    UNION
    FROM paid
)
SELECT
    listed.*,
    coalesce(helped.cases, 0) AS cases,
    coalesce(helped.achieved, 0) AS achieved,
    helped.minutes,
    coalesce(
        is_small(persons, $k) OR is_small(achieved_persons, $k) OR is_small(missed_persons, $k)
        OR ($k > 1 AND helped.cases > 0 AND helped.achieved = helped.cases), false
    ) AS is_hidden
FROM listed
LEFT JOIN helped
    ON helped.unit_id = listed.unit_id AND helped.position = listed.position AND helped.grid = listed.grid
    AND helped.cohort_start IS NOT DISTINCT FROM listed.cohort_start;
