-- start_of.sql  which start each end belongs to
-- reads         episode
-- makes         start_of, one row per end that has a start
CREATE OR REPLACE TEMP TABLE start_of AS
SELECT end_key AS event_key, start_key, start_known_at, start_unit FROM episode WHERE end_key IS NOT NULL;
