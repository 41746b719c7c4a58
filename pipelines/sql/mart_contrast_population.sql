-- mart_contrast_population.sql  the first two measurements of everybody, before anybody was chosen
-- reads       src_event_alone, contrast_candidate
-- parameters  $type event type; $as_of
-- grain       one row per subject measured at least once
WITH chosen_on AS (
    SELECT subject_key, min(index_on) AS index_on FROM contrast_candidate GROUP BY ALL
),
doing AS (
    SELECT * FROM src_event_alone
    WHERE type = $type AND occurred_on <= $as_of::DATE
),
stated AS (
    SELECT *, /*number*/ 0 AS number FROM doing WHERE /*chosen*/ true
),
placed AS (
    SELECT
        stated.subject_key, stated.number,
        row_number() OVER (PARTITION BY stated.subject_key ORDER BY stated.occurred_at, stated.content_hash, stated.event_key) AS place
    FROM stated
    LEFT JOIN chosen_on USING (subject_key)
    WHERE stated.number IS NOT NULL AND (chosen_on.index_on IS NULL OR stated.occurred_on <= chosen_on.index_on)
)
SELECT max(number) FILTER (WHERE place = 1) AS first, max(number) FILTER (WHERE place = 2) AS second
FROM placed
GROUP BY subject_key
ORDER BY subject_key;
