-- mart_condition_told.sql  what staff answered, how their time went, and how involved citizens felt, at the unit that it was told of
-- reads       src_event, placement
-- parameters  $as_of
-- grain       one row per event
-- columns     measure   <instrument>:<dimension>, time:<purpose> or involvement
--             weight    answers, minutes, or 1
--             score     rescaled to 0-1; null for time. Decimals: sums do not depend on their order
CREATE TABLE condition_told AS
WITH told AS (
    SELECT
        type, coalesce(unit, subject) AS unit_id, subject_key, occurred_on, code, value,
        TRY_CAST(fields ->> '$.answered' AS DECIMAL(18, 3)) AS answered,
        TRY_CAST(fields ->> '$.scale_min' AS DOUBLE) AS lowest,
        TRY_CAST(fields ->> '$.scale_max' AS DOUBLE) AS highest
    FROM src_event
    WHERE type IN ('organisation.staff_surveyed', 'organisation.time_registered', 'experience.involvement_rated') AND occurred_on <= $as_of::DATE
),
read AS (
    SELECT
        CASE type WHEN 'organisation.time_registered' THEN 'time:' || code WHEN 'experience.involvement_rated' THEN 'involvement' ELSE code END AS measure,
        CASE type WHEN 'organisation.time_registered' THEN 'time' WHEN 'experience.involvement_rated' THEN 'citizens' ELSE 'staff' END AS asked,
        unit_id, subject_key, occurred_on,
        CASE type
            WHEN 'organisation.time_registered' THEN round(value, 3)::DECIMAL(18, 3)
            WHEN 'experience.involvement_rated' THEN 1
            ELSE answered
        END AS weight,
        CASE WHEN type <> 'organisation.time_registered' AND highest > lowest
            THEN round((value - lowest) / (highest - lowest), 9)::DECIMAL(18, 9) END AS score
    FROM told
)
SELECT read.* EXCLUDE (unit_id), placement.placement
FROM read
JOIN placement
    ON placement.unit_id = read.unit_id AND read.occurred_on >= placement.valid_from AND read.occurred_on < placement.valid_to
WHERE (asked = 'time' OR score IS NOT NULL) AND weight > 0;
