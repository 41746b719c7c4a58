-- erase_collect.sql  what the event log holds about the subjects to erase
-- reads              erase_subject (subject), event, correction
-- makes              erased_event, lost_target (what erased corrections pointed at)
CREATE OR REPLACE TEMP TABLE erased_event AS
SELECT e.rowid AS row_id, e.event_key, e.feed, e.part FROM event e
WHERE e.subject_key IN (SELECT md5_number_lower(subject) FROM erase_subject) AND e.subject IN (SELECT subject FROM erase_subject);

CREATE OR REPLACE TEMP TABLE lost_target AS
SELECT DISTINCT c.target_key FROM correction c WHERE c.subject IN (SELECT subject FROM erase_subject)
UNION
SELECT c.other_target_key FROM correction c WHERE c.subject IN (SELECT subject FROM erase_subject) AND c.other_target_key IS NOT NULL;
