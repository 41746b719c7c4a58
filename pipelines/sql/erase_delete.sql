-- erase_delete.sql  delete what was collected, and everything derived from it
-- reads             erase_subject, erased_event
DELETE FROM event WHERE rowid IN (SELECT row_id FROM erased_event);
DELETE FROM correction WHERE subject IN (SELECT subject FROM erase_subject);
DELETE FROM amended_event WHERE subject IN (SELECT subject FROM erase_subject) OR event_key IN (SELECT event_key FROM erased_event);
DELETE FROM amendment WHERE target_key IN (SELECT event_key FROM erased_event);
DELETE FROM effect WHERE subject IN (SELECT subject FROM erase_subject);
