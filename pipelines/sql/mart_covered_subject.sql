-- mart_covered_subject.sql  whom the effects of a core task are known of
-- reads   record, indicator
CREATE TABLE covered_subject AS
SELECT DISTINCT indicator.core_task_id, record.subject_key
FROM record
JOIN indicator USING (position);
