-- run.sql  stretches with holes of at most `gap` forgiven, beside each of their unbroken parts
-- reads    island, state_run (which state of the catalogue with which gap)
-- makes    run_part, one row per unbroken part: its run's first day and end, and where the run goes on after the part
CREATE OR REPLACE TEMP TABLE run_part AS
WITH seen AS (
    SELECT
        r.run_ref, i.* EXCLUDE (state_ref),
        coalesce(i.start_on > (lag(i.end_on) OVER w + r.gap)::DATE, true) AS begins_run,
        lead(i.start_on) OVER w AS next_on,
        coalesce(lead(i.start_on) OVER w > (i.end_on + r.gap)::DATE, true) AS ends_run
    FROM state_run r JOIN island i USING (state_ref)
    WINDOW w AS (PARTITION BY r.run_ref, i.subject_key ORDER BY i.start_on)
)
SELECT
    * EXCLUDE (begins_run, next_on, ends_run), CASE WHEN NOT ends_run THEN next_on END AS goes_on_at,
    max(CASE WHEN begins_run THEN start_on END) OVER so_far AS run_on, min(CASE WHEN ends_run THEN end_on END) OVER from_here AS run_end_on
FROM seen
WINDOW
    so_far AS (PARTITION BY run_ref, subject_key ORDER BY start_on ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW),
    from_here AS (PARTITION BY run_ref, subject_key ORDER BY start_on ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING);
