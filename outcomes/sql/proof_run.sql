-- proof_run.sql  the starts and ends behind runs, for sustained
-- reads          run, state_run (its stretch_ref: islands and runs are numbered in one series)
-- makes          more rows of proof
INSERT INTO proof BY NAME
SELECT
    r.stretch_ref, p.subject_key, p.run_on AS stretch_on, p.run_end_on AS end_on, p.proof AS events,
    p.start_key, p.start_known_at, p.end_key, p.end_known_at
FROM run p JOIN state_run r USING (run_ref);
