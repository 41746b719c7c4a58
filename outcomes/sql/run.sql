-- run.sql  stretches with holes of at most `gap` forgiven, beside each of their unbroken parts
-- reads    island, state_run (which state of the catalogue with which gap)
-- makes    run_part, one row per unbroken part: its run's first day and end, and where the run goes on after the part
--          run, one row per run, with the events behind it
CREATE OR REPLACE TEMP TABLE run_part AS
WITH seen AS (
    SELECT
        r.run_ref, i.subject_key, i.start_on, i.end_on, i.proof,
        lag(i.end_on) OVER w IS NULL OR i.start_on > (lag(i.end_on) OVER w + r.gap)::DATE AS begins_run
    FROM state_run r JOIN island i USING (state_ref)
    WINDOW w AS (PARTITION BY r.run_ref, i.subject_key ORDER BY i.start_on)
),
numbered AS (
    SELECT
        *, count(*) FILTER (WHERE begins_run) OVER (PARTITION BY run_ref, subject_key ORDER BY start_on) AS run_no
    FROM seen
)
SELECT
    run_ref, subject_key, start_on, end_on, proof, min(start_on) OVER run AS run_on, max(end_on) OVER run AS run_end_on,
    lead(start_on) OVER (PARTITION BY run_ref, subject_key, run_no ORDER BY start_on) AS goes_on_at
FROM numbered
WINDOW run AS (PARTITION BY run_ref, subject_key, run_no);
