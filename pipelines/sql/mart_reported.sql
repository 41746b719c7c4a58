-- mart_reported.sql  totals that sources report of units, as cells: numerator and denominator stand in for achieved and denominator
-- reads       reported_part
-- makes       more rows of cell. Nobody stands behind them, so their counts are taken for persons when small ones are hidden: whatever judges
--             cells must judge these too, and finds nothing of them in record
INSERT INTO cell BY NAME
WITH summed AS (
    SELECT
        position, unit_id, grid, cohort_start,
        sum(denominator)::BIGINT AS cohort_size,
        coalesce(sum(denominator) FILTER (WHERE is_pending), 0)::BIGINT AS pending,
        coalesce(sum(numerator) FILTER (WHERE NOT is_pending), 0)::BIGINT AS achieved,
        coalesce(sum(denominator - numerator) FILTER (WHERE NOT is_pending), 0)::BIGINT AS not_achieved
    FROM reported_part
    GROUP BY ALL
)
SELECT
    (SELECT coalesce(max(cell_id), 0) FROM cell) + row_number() OVER (ORDER BY position, unit_id, grid, cohort_start) AS cell_id,
    *, 0::BIGINT AS competing, 0::BIGINT AS censored, 0::BIGINT AS unmeasured,
    cohort_size AS persons, pending AS pending_persons, achieved AS achieved_persons, not_achieved AS not_achieved_persons,
    0::BIGINT AS competing_persons, 0::BIGINT AS censored_persons, 0::BIGINT AS unmeasured_persons,
    not_achieved AS missed_persons, achieved + not_achieved AS denominator_persons, 0::BIGINT AS unseen_persons, pending AS rest_persons
FROM summed;
