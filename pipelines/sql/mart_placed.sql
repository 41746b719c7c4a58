-- mart_placed.sql  every unit or ancestor that holds a placement, cohort by cohort
-- reads   spread
-- grain   placement x cohort x place
CREATE TABLE placed AS
SELECT DISTINCT placement, cohort, place FROM spread;
