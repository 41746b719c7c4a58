-- sustained.sql  does the state begin within `begins_within` (or hold already) and then hold for `held`, holes of at most `gap` forgiven?
-- reads          counted, indicator, run_part, run
-- makes          more rows of verdict
--                now    the part with the last start on or before the index day: its run may hold already, or go on after a forgiven hole
--                long   the first later run that is long enough counted from its own first day
--                last   the last part that begins within `begins_within`: when its run is over for good, the answer is no
INSERT INTO verdict BY NAME
WITH asked AS (
    SELECT c.indicator_no, c.index_key, c.subject_key, c.index_on, c.horizon_on, d.run_ref, d.held, d.gap
    FROM counted c JOIN indicator d USING (indicator_no)
    WHERE d.kind = 'sustained'
),
near AS (
    SELECT
        a.indicator_no, a.index_key,
        max_by(p.run_on, p.start_on) FILTER (WHERE p.start_on <= a.index_on) AS now_on,
        max_by(p.run_end_on, p.start_on) FILTER (WHERE p.start_on <= a.index_on) AS now_run_end_on,
        max_by(p.end_on, p.start_on) FILTER (WHERE p.start_on <= a.index_on) AS now_end_on,
        arg_max_null(p.goes_on_at, p.start_on) FILTER (WHERE p.start_on <= a.index_on) AS now_goes_on_at,
        max_by(p.run_on, p.start_on) AS last_on, max_by(p.run_end_on, p.start_on) AS last_run_end_on, max_by(p.end_on, p.start_on) AS last_end_on
    FROM asked a JOIN run_part p ON p.run_ref = a.run_ref AND p.subject_key = a.subject_key AND p.start_on <= a.horizon_on
    GROUP BY a.indicator_no, a.index_key
),
later AS (
    SELECT a.indicator_no, a.index_key, min(r.run_on) AS long_on
    FROM asked a JOIN run r ON r.run_ref = a.run_ref AND r.subject_key = a.subject_key AND a.index_on < r.run_on
    WHERE r.held_long
    GROUP BY a.indicator_no, a.index_key
),
found AS (
    SELECT
        a.*, n.now_on, n.now_run_end_on AS now_end_on,
        CASE WHEN n.now_end_on > a.index_on THEN a.index_on WHEN n.now_goes_on_at <= a.horizon_on THEN n.now_goes_on_at END AS now_begins_on,
        l.long_on, n.last_on, n.last_run_end_on AS last_end_on, n.last_end_on > a.index_on AS last_counts
    FROM asked a
        LEFT JOIN near n ON n.indicator_no = a.indicator_no AND n.index_key = a.index_key
        LEFT JOIN later l ON l.indicator_no = a.indicator_no AND l.index_key = a.index_key
),
achieved AS (
    SELECT
        *,
        CASE
            WHEN now_end_on >= (now_begins_on + held)::DATE THEN (now_begins_on + held)::DATE
            WHEN long_on <= horizon_on THEN (long_on + held)::DATE
        END AS achieved_on,
        CASE WHEN now_end_on >= (now_begins_on + held)::DATE THEN now_on WHEN long_on <= horizon_on THEN long_on END AS achieved_by
    FROM found
),
final AS (
    SELECT
        indicator_no, subject_key, index_key, index_on, horizon_on, achieved_on IS NOT NULL AS achieved,
        coalesce(achieved_on, CASE WHEN last_counts THEN greatest(horizon_on, (last_end_on + gap)::DATE) END, horizon_on) AS decided_on,
        achieved_on, coalesce(achieved_by, CASE WHEN last_counts THEN last_on END) AS stretch_on
    FROM achieved
)
SELECT * EXCLUDE (achieved_on), coalesce(achieved_on - 1, decided_on) AS last_mark_on, NULL AS target_key
FROM final;
