-- erase_nothing.sql  a batch that erases nobody: the tables that later steps read, empty
CREATE OR REPLACE TEMP TABLE erased_event AS SELECT 0::BIGINT AS row_id, event_key, feed, part FROM event LIMIT 0;
CREATE OR REPLACE TEMP TABLE lost_target AS SELECT target_key FROM correction LIMIT 0;
CREATE OR REPLACE TEMP TABLE promoted AS SELECT * EXCLUDE (batch), 0::BIGINT AS row_id FROM event LIMIT 0;
