-- mart_record.sql  the current effect records as of a day: where they count, what they count as, and how far they were followed
-- reads       standing_effect (columns of effect), indicator (one row per computed indicator), placement (unit x validity, all days covered)
-- parameters  $as_of date; $grid period grid of the cohorts
-- grain       one row per indicator and index event up to as_of that still is one
-- columns     class      pending | achieved | not_achieved | competing | censored | unmeasured
--             observed   followed at all: the index day is not within the reporting lag, and it was not left unmeasured
--             ending     how the follow-up ends: 0 effect, 1 an end of another kind, 2 neither was seen
--             time       completed time units from the index to that end
--             in_full    followed to its own horizon
--             followed_to  the last day on which an effect could have been seen: the horizon, or where the follow-up ends
--             value, baseline   of the measured kinds: the change (a rating: itself) and the score it began with
CREATE TABLE record AS
WITH followed AS (
    SELECT
        indicator.position,
        standing.index_key,
        standing.subject_key,
        coalesce(standing.unit_id, '(unmatched)') AS unit_id,
        standing.index_on,
        CASE WHEN standing.resolves_on > indicator.follow_end THEN 'pending' ELSE standing.outcome END AS class,
        -- Who was not measured (or whose deadline nobody told) was never at risk of the effect: no estimate counts them as still to come.
        standing.index_on <= indicator.follow_end
            AND NOT (standing.outcome = 'unmeasured' AND standing.decided_on <= indicator.follow_end) AS observed,
        CASE
            WHEN standing.decided_on > indicator.follow_end THEN 2
            WHEN standing.outcome = 'achieved' THEN 0
            WHEN standing.outcome = 'competing' THEN 1
            WHEN standing.outcome = 'not_achieved' AND indicator.failing_ends THEN 1
            ELSE 2
        END AS ending,
        least(standing.decided_on, indicator.follow_end) AS end_on,
        least(standing.resolves_on, indicator.follow_end) AS followed_to,
        standing.resolves_on,
        standing.value,
        standing.baseline,
        indicator.time_unit
    FROM standing_effect AS standing
    JOIN indicator USING (indicator_id, indicator_version)
    WHERE standing.index_on <= $as_of::DATE
)
SELECT
    followed.position,
    followed.index_key,
    followed.subject_key,
    followed.index_on,
    followed.end_on,
    followed.followed_to,
    placement.placement,
    period_start(followed.index_on, $grid) AS period_start,
    followed.class,
    followed.observed,
    followed.ending::TINYINT AS ending,
    CASE WHEN followed.observed THEN greatest(completed_units(followed.index_on, followed.end_on, followed.time_unit), 0) END::INTEGER AS time,
    followed.end_on >= followed.resolves_on AS in_full,
    followed.value,
    followed.baseline
FROM followed
JOIN placement
    ON placement.unit_id = followed.unit_id AND followed.index_on >= placement.valid_from AND followed.index_on < placement.valid_to;
