-- as_is_shown.sql  cells of today's organisation of which something must stay hidden
-- reads    moved, as_is_part, effect_by_unit_today, mart.effect_by_unit (as it was, with everything hidden that must be)
-- grain    unit x indicator x version x cohort
-- columns  whole  everything is hidden: the effects of what the unit gains or loses are, or its own as it was; else all but effects, their base and share
-- What is shown is a sum of what is shown as it was, so it tells nothing new. Every cohort that holds a hidden one is hidden with it, since the others
-- could be taken off it.
CREATE TABLE as_is_hidden AS
WITH hidden_was AS (
    SELECT unit_id, indicator_id, indicator_version, cohort, state = 'suppressed' AS whole FROM mart.effect_by_unit WHERE hidden IS NOT NULL
),
hidden_first AS (
    SELECT unit_id, indicator_id, indicator_version, cohort, hides_share AS whole FROM as_is_part WHERE hides_share OR hides_rest
    UNION ALL
    SELECT moved.unit_id, hidden_was.indicator_id, hidden_was.indicator_version, hidden_was.cohort, hidden_was.whole
    FROM (SELECT DISTINCT unit_id, from_unit FROM moved) AS moved
    JOIN hidden_was ON hidden_was.unit_id = moved.from_unit OR hidden_was.unit_id = moved.unit_id
),
dated AS (
    SELECT today.unit_id, today.indicator_id, today.indicator_version, today.cohort, today.cohort_start, today.cohort_end, bool_or(whole) AS whole
    FROM effect_by_unit_today AS today
    JOIN hidden_first USING (unit_id, indicator_id, indicator_version, cohort)
    GROUP BY ALL
)
SELECT today.unit_id, today.indicator_id, today.indicator_version, today.cohort, bool_or(dated.whole) AS whole
FROM effect_by_unit_today AS today
JOIN dated
    ON dated.unit_id = today.unit_id AND dated.indicator_id = today.indicator_id AND dated.indicator_version = today.indicator_version
    AND (dated.cohort = today.cohort OR today.cohort = 'all' OR (today.cohort_start <= dated.cohort_start AND today.cohort_end >= dated.cohort_end))
GROUP BY ALL;
