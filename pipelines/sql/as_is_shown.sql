-- as_is_shown.sql  cells of today's organisation that must stay hidden
-- reads    moved, as_is_part, effect_by_unit_today, mart.effect_by_unit (as it was, with everything hidden that must be)
-- grain    unit x indicator x version x cohort
-- Hidden are cells whose unit gains or loses a small part, or one that is itself hidden as it was; cells whose own figures are hidden as it was;
-- and every cohort that holds a hidden one, since the others could be taken off it.
CREATE TABLE as_is_hidden AS
WITH hidden_was AS (
    SELECT unit_id, indicator_id, indicator_version, cohort FROM mart.effect_by_unit WHERE hidden IS NOT NULL
),
hidden_first AS (
    SELECT unit_id, indicator_id, indicator_version, cohort FROM as_is_part WHERE is_small
    UNION
    SELECT moved.unit_id, hidden_was.indicator_id, hidden_was.indicator_version, hidden_was.cohort
    FROM moved
    JOIN hidden_was ON hidden_was.unit_id = moved.from_unit OR hidden_was.unit_id = moved.unit_id
),
dated AS (
    SELECT DISTINCT today.unit_id, today.indicator_id, today.indicator_version, today.cohort, today.cohort_start, today.cohort_end
    FROM effect_by_unit_today AS today
    SEMI JOIN hidden_first USING (unit_id, indicator_id, indicator_version, cohort)
)
SELECT DISTINCT today.unit_id, today.indicator_id, today.indicator_version, today.cohort
FROM effect_by_unit_today AS today
JOIN dated
    ON dated.unit_id = today.unit_id AND dated.indicator_id = today.indicator_id AND dated.indicator_version = today.indicator_version
    AND (dated.cohort = today.cohort OR today.cohort = 'all' OR (today.cohort_start <= dated.cohort_start AND today.cohort_end >= dated.cohort_end));
