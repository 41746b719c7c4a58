-- run.sql  stretches with holes of at most `gap` forgiven, beside each of their unbroken parts
-- reads    island, state_run (which state of the catalogue with which gap)
-- makes    run_part, one row per unbroken part: its run's first day and end, and where the run goes on after the part
-- Where a subject has one part only, the part is the run.
CREATE OR REPLACE TEMP TABLE run_part AS
WITH several AS (
    SELECT state_ref, subject_key FROM island GROUP BY ALL HAVING count(*) > 1
),
seen AS (
    SELECT
        r.run_ref, i.* EXCLUDE (state_ref),
        coalesce(i.start_on > (lag(i.end_on) OVER w + r.gap)::DATE, true) AS begins_run,
        lead(i.start_on) OVER w AS next_on,
        coalesce(lead(i.start_on) OVER w > (i.end_on + r.gap)::DATE, true) AS ends_run
    FROM state_run r JOIN (FROM island SEMI JOIN several USING (state_ref, subject_key)) i USING (state_ref)
    WINDOW w AS (PARTITION BY r.run_ref, i.subject_key ORDER BY i.start_on)
)
SELECT r.run_ref, i.* EXCLUDE (state_ref), NULL::DATE AS goes_on_at, i.start_on AS run_on, i.end_on AS run_end_on
FROM state_run r JOIN (FROM island ANTI JOIN several USING (state_ref, subject_key)) i USING (state_ref)
UNION ALL
SELECT
    * EXCLUDE (begins_run, next_on, ends_run), CASE WHEN NOT ends_run THEN next_on END AS goes_on_at,
    max(CASE WHEN begins_run THEN start_on END) OVER so_far AS run_on, min(CASE WHEN ends_run THEN end_on END) OVER from_here AS run_end_on
FROM seen
WINDOW
    so_far AS (PARTITION BY run_ref, subject_key ORDER BY start_on ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW),
    from_here AS (PARTITION BY run_ref, subject_key ORDER BY start_on ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING);
