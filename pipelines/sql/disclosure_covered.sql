-- disclosure_covered.sql  cells in which nobody is counted, but which stand in the tables since they lie below one that is hidden
-- reads   incoming (cells of which something is hidden), judged
-- Else a row that is there would say that somebody is counted in it, and one that is not that nobody is.
INSERT INTO judged BY NAME
SELECT
    position, unit_id, grid, cohort_start,
    COLUMNS('hide_.*'),
    0 AS cohort_size, 0 AS pending, 0 AS matured, 0 AS achieved, 0 AS not_achieved, 0 AS competing, 0 AS censored, 0 AS unmeasured, 0 AS denominator
FROM incoming
ANTI JOIN judged
    ON judged.position = incoming.position AND judged.unit_id = incoming.unit_id AND judged.grid = incoming.grid
    AND judged.cohort_start IS NOT DISTINCT FROM incoming.cohort_start;
