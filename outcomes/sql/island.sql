-- island.sql  unbroken stretches: overlapping and touching episodes of one state are one as long as any holds
-- reads       state_episode
-- makes       island(state_ref, subject_key, start_on, end_on, proof); proof lists the starts and ends behind it
CREATE OR REPLACE TEMP TABLE island AS
WITH seen AS (
    SELECT
        *,
        max(end_on) OVER (
            PARTITION BY state_ref, subject_key ORDER BY start_on, start_key ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) AS held_before
    FROM state_episode
),
numbered AS (
    SELECT
        *,
        count(*) FILTER (WHERE held_before IS NULL OR start_on > held_before) OVER (
            PARTITION BY state_ref, subject_key ORDER BY start_on, start_key ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) AS island_no
    FROM seen
)
SELECT
    state_ref, subject_key, min(start_on) AS start_on, max(end_on) AS end_on,
    list({'on': start_on, 'key': start_key, 'known_at': start_known_at})
        || coalesce(list({'on': end_on, 'key': end_key, 'known_at': end_known_at}) FILTER (WHERE end_key IS NOT NULL), []) AS proof
FROM numbered
GROUP BY state_ref, subject_key, island_no;
