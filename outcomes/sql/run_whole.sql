-- run_whole.sql  each run once
-- reads          run_part, state_run
-- makes          run; held_long says that it holds long enough when it is counted from its own first day. The events behind it as in island.sql
CREATE OR REPLACE TEMP TABLE run AS
SELECT
    p.run_ref, p.subject_key, p.run_on, p.run_end_on, p.run_end_on >= (p.run_on + r.held)::DATE AS held_long,
    CASE WHEN count(*) > 1 OR sum(p.n_episodes) > 1 THEN flatten(list(p.proof)) END AS proof,
    sum(p.n_episodes) AS n_episodes, any_value(p.start_key) AS start_key, any_value(p.start_known_at) AS start_known_at,
    any_value(p.end_key) AS end_key, any_value(p.end_known_at) AS end_known_at
FROM run_part p JOIN state_run r USING (run_ref)
GROUP BY p.run_ref, p.subject_key, p.run_on, p.run_end_on, r.held;
