-- dim_output.sql   names of the outputs that the catalogue declares
-- grain            one row per output
SELECT *
FROM dim_output
