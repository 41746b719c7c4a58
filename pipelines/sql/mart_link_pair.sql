-- mart_link_pair.sql  subjects with a known answer in two core tasks that the catalogue links
-- reads   record, indicator, lead_indicator, link (from and to core task), cohort_grid
-- grain   link x cohort of the first core task's index, with counts of subjects
-- Each subject counts once: its first known record of the first core task in the cohort, and its first of the second at any time. Whom a competing
-- event took in the first has no answer there; in the second it is no effect, as in every share.
WITH known AS (
    SELECT indicator.core_task_id, record.subject_key, record.index_on, record.index_key, record.class
    FROM record
    JOIN indicator USING (position)
    SEMI JOIN lead_indicator USING (core_task_id, indicator_id, indicator_version)
    WHERE record.class IN ('achieved', 'not_achieved', 'competing')
        AND (indicator.core_task_id IN (SELECT from_core_task_id FROM link) OR indicator.core_task_id IN (SELECT to_core_task_id FROM link))
),
first_from AS (
    SELECT core_task_id, grid, period_start(index_on, grid) AS cohort_start, subject_key, class = 'achieved' AS has_effect
    FROM known
    CROSS JOIN cohort_grid
    WHERE class <> 'competing' AND core_task_id IN (SELECT from_core_task_id FROM link)
    QUALIFY row_number() OVER (
        PARTITION BY core_task_id, grid, period_start(index_on, grid), subject_key ORDER BY index_on, index_key
    ) = 1
),
first_to AS (
    SELECT core_task_id, subject_key, class = 'achieved' AS has_effect
    FROM known
    WHERE core_task_id IN (SELECT to_core_task_id FROM link)
    QUALIFY row_number() OVER (PARTITION BY core_task_id, subject_key ORDER BY index_on, index_key) = 1
)
SELECT
    link.link_no,
    period_label(first_from.cohort_start, first_from.grid) AS cohort,
    first_from.cohort_start,
    period_end(first_from.cohort_start, first_from.grid) AS cohort_end,
    count_if(first_from.has_effect) AS with_effect,
    count_if(first_from.has_effect AND first_to.has_effect) AS with_achieved,
    count_if(NOT first_from.has_effect) AS without_effect,
    count_if(NOT first_from.has_effect AND first_to.has_effect) AS without_achieved
FROM link
JOIN first_from ON first_from.core_task_id = link.from_core_task_id
JOIN first_to ON first_to.core_task_id = link.to_core_task_id AND first_to.subject_key = first_from.subject_key
GROUP BY ALL
ORDER BY link.link_no, first_from.cohort_start NULLS FIRST, cohort;
