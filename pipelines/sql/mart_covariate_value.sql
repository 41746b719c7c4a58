-- mart_covariate_value.sql  the value of every covariate of every compared record, as far as it was known in time
-- reads   compared, covariate (position, place, attribute, until_decided), attribute_told
-- grain   one row per position, index_key and place (of the covariate in its case mix); value null: nothing was known
-- The index event's own value comes first; else the newest told up to and including the index day. A covariate that the catalogue takes from
-- the follow-up, against the rule and with a reason, is the newest told up to and including the deciding day.
CREATE TABLE covariate_value AS
WITH asked AS (
    SELECT
        compared.position, compared.index_key, compared.subject_key, covariate.place, covariate.attribute, covariate.until_decided,
        CASE WHEN covariate.until_decided THEN compared.end_on ELSE compared.index_on END AS until
    FROM compared
    JOIN covariate USING (position)
),
own AS (
    SELECT asked.position, asked.index_key, asked.place, attribute_told.value
    FROM asked
    JOIN attribute_told ON attribute_told.event_key = asked.index_key AND attribute_told.attribute = asked.attribute
    WHERE NOT asked.until_decided
),
newest AS (
    SELECT
        asked.position, asked.index_key, asked.place,
        arg_max(told.value, row(told.occurred_at, told.recorded_at, told.content_hash, told.event_key)) AS value
    FROM asked
    JOIN attribute_told AS told ON told.subject_key = asked.subject_key AND told.attribute = asked.attribute AND told.occurred_on <= asked.until
    GROUP BY ALL
)
SELECT asked.position, asked.index_key, asked.place, coalesce(own.value, newest.value) AS value
FROM asked
LEFT JOIN own USING (position, index_key, place)
LEFT JOIN newest USING (position, index_key, place);
