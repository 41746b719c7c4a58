-- run_whole.sql  each run once
-- reads          run_part, state_run
-- makes          run; held_long says that it holds long enough when it is counted from its own first day
CREATE OR REPLACE TEMP TABLE run AS
SELECT
    p.run_ref, p.subject_key, p.run_on, p.run_end_on, p.run_end_on >= (p.run_on + r.held)::DATE AS held_long, flatten(list(p.proof)) AS proof
FROM run_part p JOIN state_run r USING (run_ref)
GROUP BY p.run_ref, p.subject_key, p.run_on, p.run_end_on, r.held;
