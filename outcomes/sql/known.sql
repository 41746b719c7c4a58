-- known.sql  what was told of one attribute, day by day, and whether it meets the condition; all together make the table `known`
-- reads      told
-- grain      one row per condition, subject and day: the newest value of that day. Null is no value
SELECT /*no*/ 0::USMALLINT AS known_no, subject_key, occurred_on AS known_on, /*condition*/ true AS is_met
FROM (
    SELECT e.subject_key, e.occurred_on, /*attribute*/ '' AS told
    FROM told e
    WHERE /*attribute*/ '' IS NOT NULL
    QUALIFY row_number() OVER (
        PARTITION BY e.subject_key, e.occurred_on ORDER BY e.occurred_at DESC, e.recorded_at DESC, e.content_hash DESC, e.event_key DESC
    ) = 1
)
