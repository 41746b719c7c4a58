-- mart_link_break.sql  the breaks that a link between two core tasks crosses
-- reads   mart.core_task_link, break_of, lead_indicator
-- grain   from x to x cohort, where there is a break on either side
-- The cohort is one of the core task that contributes; of the other any record may be the first, so every break of it counts.
CREATE TABLE link_break AS
WITH lead_break AS (
    SELECT break_of.*
    FROM break_of
    SEMI JOIN lead_indicator USING (core_task_id, indicator_id)
    WHERE break_of.is_newest
),
crossed AS (
    SELECT link.from_core_task_id, link.to_core_task_id, link.cohort, lead_break.breaks, lead_break.comparable_from, lead_break.words
    FROM mart.core_task_link AS link
    JOIN lead_break ON lead_break.core_task_id = link.from_core_task_id AND lead_break.cohort = link.cohort
    UNION ALL
    SELECT
        link.from_core_task_id, link.to_core_task_id, link.cohort, lead_break.breaks, NULL AS comparable_from,
        concat('in ', link.to_core_task_id, ' ', lead_break.words) AS words
    FROM mart.core_task_link AS link
    JOIN lead_break ON lead_break.core_task_id = link.to_core_task_id AND lead_break.cohort = 'all'
    WHERE lead_break.words IS NOT NULL
)
SELECT
    from_core_task_id, to_core_task_id, cohort,
    max(comparable_from) AS comparable_from,
    string_agg(DISTINCT breaks, ', ' ORDER BY breaks) AS breaks,
    string_agg(DISTINCT words, '; ' ORDER BY words) AS words
FROM crossed
GROUP BY ALL;
