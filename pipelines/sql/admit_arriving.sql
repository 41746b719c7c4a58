-- admit_arriving.sql  what of a batch is compared with itself and the history
-- reads               arriving_row (the batch's events, in Arrow)
-- makes               arriving: pos, event_key, content_hash, recorded_at
CREATE OR REPLACE TEMP TABLE arriving AS SELECT pos, event_key, content_hash, recorded_at FROM arriving_row;
