-- disclosure_atom.sql  records of every class and every end where they are counted, before they are spread over ancestors and coarser periods
-- reads   record
-- grain   one row per position, placement, period_start
SELECT
    position, placement, period_start,
    count_if(class = 'pending') AS pending,
    count_if(class = 'achieved') AS achieved,
    count_if(class = 'not_achieved') AS not_achieved,
    count_if(class = 'competing') AS competing,
    count_if(class = 'censored') AS censored,
    count_if(class = 'unmeasured') AS unmeasured,
    count_if(observed AND ending = 0) AS events,
    count_if(observed AND ending = 1) AS other_ends,
    count_if(observed AND ending = 2) AS open_ends
FROM record
GROUP BY position, placement, period_start
ORDER BY position, placement, period_start;
