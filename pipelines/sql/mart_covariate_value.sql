-- mart_covariate_value.sql  what was known in time of everybody who is compared, asked once for all indicators that ask the same
-- reads   compared, covariate (position, attribute, until_decided), attribute_told
-- grain   one row per index_key, attribute, until_decided and until; value null: nothing was known
-- The index event's own value comes first; else the newest told up to and including the index day. A covariate that the catalogue takes from
-- the follow-up, against the rule and with a reason, is the newest told up to and including the deciding day.
CREATE TABLE covariate_value AS
WITH asked AS (
    SELECT DISTINCT
        compared.index_key, compared.subject_key, covariate.attribute, covariate.until_decided,
        CASE WHEN covariate.until_decided THEN compared.end_on ELSE compared.index_on END AS until,
        CASE WHEN NOT covariate.until_decided THEN compared.index_key END AS own_key
    FROM compared
    JOIN covariate USING (position)
),
looked_up AS (
    SELECT asked.*, own.value AS own_value
    FROM asked
    LEFT JOIN attribute_told AS own ON own.event_key = asked.own_key AND own.attribute = asked.attribute
),
newest AS (
    SELECT
        asked.index_key, asked.attribute, asked.until_decided, asked.until,
        arg_max(told.value, row(told.occurred_at, told.recorded_at, told.content_hash, told.event_key)) AS value
    FROM looked_up AS asked
    JOIN attribute_told AS told ON told.subject_key = asked.subject_key AND told.attribute = asked.attribute AND told.occurred_on <= asked.until
    WHERE asked.own_value IS NULL
    GROUP BY ALL
)
SELECT looked_up.* EXCLUDE (subject_key, own_key, own_value), coalesce(looked_up.own_value, newest.value) AS value
FROM looked_up
LEFT JOIN newest USING (index_key, attribute, until_decided, until);
