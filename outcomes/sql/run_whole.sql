-- run_whole.sql  each run once
-- reads          run_part, state_run
-- makes          run; held_long says that it holds long enough when it is counted from its own first day. The events behind it as in island.sql
CREATE OR REPLACE TEMP TABLE run AS
WITH several AS (
    SELECT run_ref, subject_key, run_on FROM run_part GROUP BY ALL HAVING count(*) > 1
),
whole AS (
    SELECT run_ref, subject_key, run_on, run_end_on, proof, n_episodes, start_key, start_known_at, end_key, end_known_at
    FROM run_part ANTI JOIN several USING (run_ref, subject_key, run_on)
    UNION ALL
    SELECT
        run_ref, subject_key, run_on, run_end_on,
        -- a part of one episode has no list of its own
        flatten(list(coalesce(proof, list_filter(
            [{'on': start_on, 'key': start_key, 'known_at': start_known_at}, CASE WHEN end_key IS NOT NULL THEN {'on': end_on, 'key': end_key, 'known_at': end_known_at} END],
            lambda happened: happened IS NOT NULL
        )))) AS proof,
        sum(n_episodes)::BIGINT AS n_episodes, any_value(start_key) AS start_key, any_value(start_known_at) AS start_known_at,
        any_value(end_key) AS end_key, any_value(end_known_at) AS end_known_at
    FROM run_part SEMI JOIN several USING (run_ref, subject_key, run_on)
    GROUP BY run_ref, subject_key, run_on, run_end_on
)
SELECT w.* EXCLUDE (proof), w.run_end_on >= (w.run_on + r.held)::DATE AS held_long, CASE WHEN w.n_episodes > 1 THEN w.proof END AS proof
FROM whole w JOIN state_run r USING (run_ref);
