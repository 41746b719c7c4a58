-- mart_data_quality.sql  how complete and clean the input is
-- reads       src_accepted (as accepted), src_event (as it stands), src_feed_offset, src_quarantine, src_dropped_field, mart.dim_unit, 
--             withheld and indicator (what suppression shows nothing of), state_type (event type -> state, start or end, whether episodes are named)
-- parameters  $as_of; $known_at (not null: counts of records as they arrived are not known for that state, and stay out);
--             $unit_types event types that must name a unit
-- grain       source x check. Accepted events stand with their sources, repeats and rejections with their feeds: each sum counts a record once.
INSERT INTO mart.data_quality BY NAME
WITH source_event AS (
    SELECT
        source,
        count(*) AS accepted,
        max(occurred_at) FILTER (occurred_on <= $as_of::DATE) AS watermark,
        min(occurred_on) AS first_on,
        max(occurred_on) FILTER (occurred_on <= $as_of::DATE) AS last_on,
        count(DISTINCT date_trunc('month', occurred_on)) FILTER (occurred_on <= $as_of::DATE) AS months_seen,
        count_if(recorded_at < occurred_at - INTERVAL 1 DAY) AS suspicious,
        count_if(unit IS NULL AND list_contains($unit_types, type)) AS no_unit
    FROM src_accepted
    GROUP BY source
),
conflict AS (
    SELECT source, count(*) AS conflicts FROM src_quarantine WHERE class = 'conflict' AND NOT retried GROUP BY source
),
episode AS (
    SELECT
        -- An episode may begin in one source and end in another: it is counted with the first by name.
        min(src_event.source) AS source, subject_key, state_type.state, coalesce(episode, '') AS episode,
        count_if(state_type.reads_as = 'start') AS starts,
        count_if(state_type.reads_as = 'end') AS ends,
        min(occurred_on) FILTER (state_type.reads_as = 'start') AS start_on,
        max(occurred_on) FILTER (state_type.reads_as = 'end') AS end_on
    FROM src_event
    JOIN state_type USING (type)
    WHERE occurred_on <= $as_of::DATE
    GROUP BY ALL
),
named AS (
    SELECT episode.*, of_state.has_episode
    FROM episode
    JOIN (SELECT state, bool_and(has_episode) AS has_episode FROM state_type GROUP BY state) AS of_state USING (state)
),
odd AS (
    SELECT
        source,
        count_if(starts = 0) AS unmatched_end,
        coalesce(sum(starts - 1) FILTER (has_episode AND starts > 1), 0)::BIGINT AS repeated_start,
        coalesce(sum(ends - 1) FILTER (has_episode AND ends > 1), 0)::BIGINT AS repeated_end,
        count_if(has_episode AND end_on <= start_on) AS zero_length_episode
    FROM named
    GROUP BY source
),
of_source AS (
    SELECT
        source, accepted, watermark, suspicious, no_unit,
        coalesce(conflicts, 0) AS conflicts,
        coalesce(unmatched_end, 0) AS unmatched_end,
        coalesce(repeated_start, 0) AS repeated_start,
        coalesce(repeated_end, 0) AS repeated_end,
        coalesce(zero_length_episode, 0) AS zero_length_episode,
        date_diff('day', last_on, $as_of::DATE) AS lag_days,
        months_seen / nullif(date_diff('month', first_on, $as_of::DATE) + 1, 0) AS coverage
    FROM source_event
    LEFT JOIN conflict USING (source)
    LEFT JOIN odd USING (source)
),
feed AS (
    -- A file is named without its folder: where it lay on the machine that read it is nobody's business.
    SELECT
        'feed ' || CASE WHEN starts_with(feed, 'file:') THEN 'file:' || regexp_extract(feed, '[^/]*$') ELSE feed END AS source,
        sum(received)::BIGINT AS received,
        sum(duplicates)::BIGINT AS duplicates,
        sum(quarantined)::BIGINT AS quarantined,
        sum(erased)::BIGINT AS erased
    FROM src_feed_offset
    GROUP BY ALL
),
final AS (
    SELECT source, 'events' AS "check", accepted AS n, accepted, conflicts, unmatched_end + repeated_start + repeated_end AS unmatched,
        watermark, lag_days, coverage, NULL::BIGINT AS received, NULL::BIGINT AS duplicates, NULL::BIGINT AS quarantined, NULL::BIGINT AS erased,
        CASE WHEN watermark IS NULL THEN 'missing' ELSE 'final' END AS state,
        CASE WHEN watermark IS NULL THEN 'no event up to this day' END AS reason
    FROM of_source
    UNION ALL BY NAME
    SELECT source, 'feed' AS "check", received AS n, received, duplicates, quarantined, erased, 'final' AS state FROM feed
    UNION ALL BY NAME
    SELECT source, "check", n, 'final' AS state
    FROM of_source
    UNPIVOT (n FOR "check" IN (unmatched_end, repeated_start, repeated_end, zero_length_episode, suspicious AS suspicious_time, no_unit))
    WHERE n > 0
    UNION ALL BY NAME
    SELECT '(catalogue)' AS source, 'undeclared_unit' AS "check", count(*) AS n, 'final' AS state,
        CASE WHEN count(*) > 0 THEN 'units that events name and nobody declared' END AS reason
    FROM mart.dim_unit
    WHERE NOT declared
    UNION ALL BY NAME
    SELECT '(catalogue)' AS source, 'dropped_field' AS "check",
        CASE WHEN $known_at::TIMESTAMP IS NULL THEN coalesce(sum(n), 0)::BIGINT END AS n,
        CASE WHEN $known_at::TIMESTAMP IS NULL THEN 'final' ELSE 'missing' END AS state,
        CASE
            WHEN $known_at::TIMESTAMP IS NOT NULL THEN 'counted as records arrive, so not known for an earlier state of knowledge'
            WHEN count(*) > 0 THEN 'fields that were sent but are not kept: ' || string_agg(DISTINCT field, ', ' ORDER BY field)
        END AS reason
    FROM src_dropped_field
    UNION ALL BY NAME
    SELECT '(suppression)' AS source, 'withheld_indicator' AS "check", count(DISTINCT indicator_id) AS n, 'final' AS state,
        CASE WHEN count(*) > 0 THEN
            'indicators of which nothing is shown, since small counts in them could not be proven safe otherwise: '
            || string_agg(DISTINCT indicator_id, ', ' ORDER BY indicator_id)
        END AS reason
    FROM withheld
    JOIN indicator USING (position)
)
SELECT * FROM final ORDER BY source, "check";
