-- measure_asked.sql  the windows in which each index event of a measured kind asks for a number
-- reads              counted, indicator, measure_window
-- makes              measure_asked, one row per indicator, index event and role (baseline, follow_up). at_on is the day to be closest to: the
--                    one that the catalogue names, else the index day where the window holds it, else the window's middle (the earlier of two)
CREATE OR REPLACE TEMP TABLE measure_asked AS
WITH bounded AS (
    SELECT
        c.* EXCLUDE (index_set), d.kind, w.role, w.measure_no, w.which, w.at_span,
        (c.index_on + w.from_span)::DATE AS from_on, (c.index_on + w.to_span)::DATE AS to_on
    FROM counted c
        JOIN indicator d USING (indicator_no)
        JOIN measure_window w USING (indicator_no)
)
SELECT
    * EXCLUDE (at_span),
    CASE
        WHEN at_span IS NOT NULL THEN (index_on + at_span)::DATE
        WHEN index_on BETWEEN from_on AND to_on THEN index_on
        ELSE from_on + ((to_on - from_on) // 2)::INTEGER
    END AS at_on
FROM bounded;
