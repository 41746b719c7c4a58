-- view_silent_sources.sql   sources by how long nothing has come from them
-- reads      data_quality
-- grain      one row per source of events
-- runs in    DuckDB and PostgreSQL
SELECT source, accepted, watermark, lag_days, coverage, state, reason
FROM data_quality
WHERE "check" = 'events'
