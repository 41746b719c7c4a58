-- mart_attribute_told.sql  what events told of the attributes that are covariates
-- reads   src_event (columns of standing_event), covariate (attribute, its pointer into the JSON object), compared
-- grain   one row per event and attribute with a value
CREATE TABLE attribute_told AS
SELECT *
FROM (
    SELECT
        told.subject_key, told.event_key, told.occurred_on, told.occurred_at, told.recorded_at, told.content_hash, asked.attribute,
        json_extract_string(told.attributes, asked.pointer) AS value
    FROM src_event AS told
    SEMI JOIN compared USING (subject_key)
    CROSS JOIN (SELECT DISTINCT attribute, pointer FROM covariate) AS asked
    WHERE told.attributes IS NOT NULL
)
WHERE value IS NOT NULL;
