-- columns.sql   every table of the publication with its columns, types and what the builder says of them
-- grain         one row per column
SELECT table_name, column_name, data_type, comment
FROM duckdb_columns()
WHERE database_name = 'mart' AND NOT internal
ORDER BY table_name, column_index
