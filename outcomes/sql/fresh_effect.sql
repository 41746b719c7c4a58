-- fresh_effect.sql  the effect records of the touched subjects in full, as they stand now
-- reads             fresh, indicator, milestone, index_event
-- makes             view fresh_effect: columns of `effect` less version and batch, and indicator_no. A view, since most records of a touched
--                   subject stay as they are, and what is in here beside `fresh` is said by their keys
CREATE OR REPLACE TEMP VIEW fresh_effect AS
SELECT
    f.indicator_no, i.indicator_id, i.indicator_version, i.core_task_id,
    f.index_key, x.source AS index_source, x.id AS index_id, x.subject, f.* EXCLUDE (indicator_no, index_key)
FROM fresh f
    JOIN indicator i USING (indicator_no)
    JOIN (SELECT event_key, source, id, subject FROM milestone SEMI JOIN index_event ON index_key = event_key) x ON x.event_key = f.index_key;
