-- persons_of_version.sql  the persons whose effect records a publication counts
-- reads        record, indicator (of the mart's working tables), standing_effect
-- parameters   none
-- grain        one row per person
SELECT
    standing.subject,
    count(*) AS records,
    count(DISTINCT standing.indicator_id) AS indicators
FROM (SELECT DISTINCT position, index_key FROM record) AS counted
JOIN indicator USING (position)
JOIN standing_effect AS standing USING (indicator_id, indicator_version, index_key)
GROUP BY standing.subject
ORDER BY standing.subject
