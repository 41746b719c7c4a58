-- mart_place.sql  the names of each place
-- reads   spread
-- grain   one row per place: unit or ancestor x grid x cohort, numbered in order of unit, cohort and grid
CREATE TABLE place AS
SELECT DISTINCT place, unit_id, grid, cohort_start FROM spread ORDER BY place;
