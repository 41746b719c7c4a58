-- island.sql  unbroken stretches: overlapping and touching episodes of one state are one as long as any holds
-- reads       state_episode
-- makes       island, one row per state of the catalogue, subject and stretch: start_on, end_on (infinity while open), and the events behind it:
--             of a single episode its start and end, of several the list `proof`
-- Most subjects have one episode of a state: it is a stretch by itself, and only the others are put in order.
CREATE OR REPLACE TEMP TABLE island AS
WITH several AS (
    SELECT state_ref, subject_key FROM state_episode GROUP BY ALL HAVING count(*) > 1
),
seen AS (
    SELECT
        *,
        max(end_on) OVER (
            PARTITION BY state_ref, subject_key ORDER BY start_on, start_key ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) AS held_before
    FROM state_episode SEMI JOIN several USING (state_ref, subject_key)
),
numbered AS (
    SELECT
        *,
        max(CASE WHEN held_before IS NULL OR start_on > held_before THEN start_on END) OVER (
            PARTITION BY state_ref, subject_key ORDER BY start_on, start_key ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) AS island_on
    FROM seen
)
SELECT
    state_ref, subject_key, start_on, end_on, NULL::STRUCT("on" DATE, "key" UBIGINT, known_at TIMESTAMP)[] AS proof, 1::BIGINT AS n_episodes,
    start_key, start_known_at, end_key, end_known_at
FROM state_episode ANTI JOIN several USING (state_ref, subject_key)
UNION ALL
SELECT
    state_ref, subject_key, island_on AS start_on, max(end_on) AS end_on,
    list({'on': start_on, 'key': start_key, 'known_at': start_known_at})
        || coalesce(list({'on': end_on, 'key': end_key, 'known_at': end_known_at}) FILTER (WHERE end_key IS NOT NULL), []) AS proof,
    count(*) AS n_episodes, any_value(start_key) AS start_key, any_value(start_known_at) AS start_known_at,
    any_value(end_key) AS end_key, any_value(end_known_at) AS end_known_at
FROM numbered
GROUP BY state_ref, subject_key, island_on;
