-- start_of.sql  which start each end belongs to
-- reads         episode
-- makes         start_of(event_key, start_key)
CREATE OR REPLACE TEMP TABLE start_of AS
SELECT end_key AS event_key, start_key FROM episode WHERE end_key IS NOT NULL;
