-- rebuild_plain.sql   the four indicators of benchmarks/catalogue as one plain query, written for this data: what a rebuild is held against
-- grain      one row per indicator and index event, in the columns of `effect` that a rebuild writes: the whole answer, with dates and evidence
-- Knows what the translation may not assume: one ordinary job per citizen, no corrections, no overlaps, no repeated starts or ends, no effort,
-- nothing that competes or censors. So it needs no sorting, no merging of stretches, and no look at what was known before.
WITH spell AS MATERIALIZED (   -- an end whose start never came takes no effect
    SELECT e.event_key, e.source, e.id, e.subject, e.subject_key, e.unit, e.occurred_on AS d, s.event_key AS start_key,
           greatest(e.recorded_at, s.recorded_at) AS known_at
    FROM event e JOIN event s ON s.type = 'employment.benefit_started' AND s.subject_key = e.subject_key AND s.episode = e.episode
    WHERE e.type = 'employment.benefit_ended'
),
job AS MATERIALIZED (
    SELECT s.subject_key, s.event_key AS start_key, s.occurred_on AS began, s.recorded_at AS start_known,
           e.event_key AS end_key, coalesce(e.occurred_on, DATE 'infinity') AS ended, e.recorded_at AS end_known
    FROM event s LEFT JOIN event e ON e.subject_key = s.subject_key AND e.episode = s.episode AND e.type = 'employment.placement_ended'
    WHERE s.type = 'employment.placement_started' AND s.code = 'ordinary'
),
with_job AS MATERIALIZED (
    SELECT spell.*, job.* EXCLUDE (subject_key, start_key), job.start_key AS job_key, (d + INTERVAL 6 MONTH)::DATE AS half_year,
           greatest(began, d) AS b
    FROM spell LEFT JOIN job USING (subject_key)
),
at_work AS (
    SELECT *, 'at_work_after_6_months' AS indicator_id, half_year AS resolves_on, half_year AS decided_on,
           coalesce(began <= half_year AND ended > half_year, false) AS achieved,
           CASE WHEN began <= half_year AND ended > d THEN job_key END AS k3, CASE WHEN began <= half_year AND ended > d THEN start_known END AS known_3,
           CASE WHEN ended > d AND ended <= half_year THEN end_key END AS k4, CASE WHEN ended > d AND ended <= half_year THEN end_known END AS known_4
    FROM with_job
),
found AS (
    SELECT *, 'job_within_26_weeks' AS indicator_id, d + 182 AS resolves_on,
           CASE WHEN began BETWEEN d AND d + 182 THEN began ELSE d + 182 END AS decided_on, coalesce(began BETWEEN d AND d + 182, false) AS achieved,
           CASE WHEN began BETWEEN d AND d + 182 THEN job_key END AS k3, CASE WHEN began BETWEEN d AND d + 182 THEN start_known END AS known_3,
           NULL::UBIGINT AS k4, NULL::TIMESTAMP AS known_4
    FROM with_job
),
held_over AS (
    SELECT *, 'job_held_13_weeks' AS indicator_id, d + 30 + 91 AS resolves_on, coalesce(b <= d + 30 AND ended > d, false) AS in_time,
           coalesce(b <= d + 30 AND ended > d AND ended >= b + 91, false) AS achieved
    FROM with_job
),
held_until AS (
    SELECT *, CASE WHEN achieved THEN b + 91 WHEN in_time THEN greatest(d + 30, ended) ELSE d + 30 END AS decided_on FROM held_over
),
held AS (
    SELECT *, CASE WHEN in_time THEN job_key END AS k3, CASE WHEN in_time THEN start_known END AS known_3,
           CASE WHEN in_time AND ended <= decided_on THEN end_key END AS k4, CASE WHEN in_time AND ended <= decided_on THEN end_known END AS known_4
    FROM held_until
),
next_benefit AS (
    SELECT spell.event_key, min(s.occurred_on) AS again_on, arg_min(s.event_key, s.occurred_on) AS again_key, arg_min(s.recorded_at, s.occurred_on) AS again_known
    FROM spell JOIN event s ON s.type = 'employment.benefit_started' AND s.subject_key = spell.subject_key AND s.occurred_on BETWEEN spell.d AND spell.d + 365
    GROUP BY spell.event_key
),
again AS (
    SELECT spell.*, 'benefit_again_within_a_year' AS indicator_id, d + 365 AS resolves_on, coalesce(again_on, d + 365) AS decided_on,
           again_on IS NOT NULL AS achieved, again_key AS k3, again_known AS known_3, NULL::UBIGINT AS k4, NULL::TIMESTAMP AS known_4
    FROM spell LEFT JOIN next_benefit USING (event_key)
),
answer AS (
    SELECT COLUMNS(c -> c IN ('indicator_id', 'event_key', 'source', 'id', 'subject', 'subject_key', 'unit', 'd', 'start_key', 'known_at',
                              'resolves_on', 'decided_on', 'achieved', 'k3', 'known_3', 'k4', 'known_4')) FROM at_work
    UNION ALL BY NAME SELECT * EXCLUDE (began, start_known, end_key, ended, end_known, job_key, half_year, b) FROM found
    UNION ALL BY NAME SELECT * EXCLUDE (began, start_known, end_key, ended, end_known, job_key, half_year, b, in_time) FROM held
    UNION ALL BY NAME SELECT * FROM again
)
SELECT indicator_id, 1 AS indicator_version, 'employment' AS core_task_id, event_key AS index_key, source AS index_source, id AS index_id,
       subject, subject_key, d AS index_on, unit AS unit_id, resolves_on, decided_on,
       CASE WHEN achieved THEN 'achieved' ELSE 'not_achieved' END AS outcome, (decided_on - d)::DOUBLE AS value,
       NULL::DOUBLE AS baseline, NULL::VARCHAR AS contributors,
       list_sort(list_filter([event_key, start_key, k3, k4], lambda k: k IS NOT NULL)) AS evidence,
       greatest(known_at, known_3, known_4) AS known_from
FROM answer
