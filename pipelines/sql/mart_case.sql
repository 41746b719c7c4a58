-- mart_case.sql  the decided cases whose effects are shared between units
-- reads       standing_effect, indicator, placement
-- parameters  $as_of, $grid
-- grain       one row per case, numbered in no order: a matured record of an indicator that leads for cost, with a known answer
CREATE TABLE case_of AS
SELECT
    row_number() OVER () AS case_no,
    indicator.position,
    indicator.core_task_id,
    standing.subject_key,
    coalesce(standing.unit_id, '(unmatched)') AS unit_id,
    standing.index_on,
    standing.decided_on,
    period_start(standing.index_on, $grid) AS period_start,
    standing.outcome = 'achieved' AS achieved,
    standing.contributors
FROM standing_effect AS standing
JOIN indicator USING (indicator_id, indicator_version)
WHERE indicator.lead_for_cost AND standing.index_on <= $as_of::DATE AND standing.resolves_on <= indicator.follow_end
    AND standing.outcome IN ('achieved', 'not_achieved', 'competing');
