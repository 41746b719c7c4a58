-- rebuild_plain.sql   the four indicators of benchmarks/catalogue as one plain query, written for this data: what a rebuild is held against
-- grain      one row per indicator and index event
-- Knows what the translation may not assume: one job per citizen, no corrections, no overlaps.
WITH benefit_end AS MATERIALIZED (   -- an end whose start never came takes no effect
    SELECT event_key, subject_key, occurred_on AS d FROM event e
    WHERE type = 'employment.benefit_ended'
      AND EXISTS (FROM event s WHERE s.type = 'employment.benefit_started' AND s.subject_key = e.subject_key AND s.episode = e.episode)
),
job AS MATERIALIZED (
    SELECT s.subject_key, s.occurred_on AS began, coalesce(e.occurred_on, DATE '9999-01-01') AS ended
    FROM event s LEFT JOIN event e ON e.subject_key = s.subject_key AND e.episode = s.episode AND e.type = 'employment.placement_ended'
    WHERE s.type = 'employment.placement_started' AND s.code = 'ordinary'
),
benefit_start AS MATERIALIZED (SELECT subject_key, occurred_on AS d FROM event WHERE type = 'employment.benefit_started'),
with_job AS (
    SELECT i.event_key,
           coalesce(bool_or(began <= d + INTERVAL 6 MONTH AND ended > d + INTERVAL 6 MONTH), false) AS at_work,
           coalesce(bool_or(began BETWEEN d AND d + 182), false) AS found,
           coalesce(bool_or(greatest(began, d) <= d + 30 AND ended > greatest(began, d) AND ended >= greatest(began, d) + 91), false) AS held
    FROM benefit_end i LEFT JOIN job USING (subject_key)
    GROUP BY i.event_key
),
again AS (
    SELECT i.event_key, coalesce(bool_or(b.d BETWEEN i.d AND i.d + 365), false) AS again
    FROM benefit_end i LEFT JOIN benefit_start b USING (subject_key)
    GROUP BY i.event_key
)
SELECT 'at_work_after_6_months' AS indicator_id, event_key, at_work AS achieved FROM with_job
UNION ALL SELECT 'job_within_26_weeks', event_key, found FROM with_job
UNION ALL SELECT 'job_held_13_weeks', event_key, held FROM with_job
UNION ALL SELECT 'benefit_again_within_a_year', event_key, again FROM again
