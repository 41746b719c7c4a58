-- mart_expectation.sql  observed and expected in every cell, by indirect standardisation: the sum over profiles of n x rate
-- reads   profile_cell, place (the names of a place), standardisation (position -> has_reference, overall_rate, leave_one_out), profile_rate (profile_no -> rate of the reference)
-- grain   one row per position and place
-- columns n         records compared
--         n_known   of these, in a profile that the reference or the rest of the pool has a rate for; the others count with the overall rate
-- Rates are summed as whole numbers of 1e-12, so that the order of the rows cannot move a figure.
CREATE TABLE expectation AS
WITH whole AS (
    SELECT
        position, grid, cohort_start, profile_no, n, amount,
        sum(n) OVER (PARTITION BY position, place) AS all_n,
        sum(amount) OVER (PARTITION BY position, place) AS all_amount
    FROM profile_cell
    JOIN place USING (place)
    WHERE unit_id = '(all)'
),
pooled AS (  -- each place with the place of everybody in the same cohort
    SELECT place.place, whole.* EXCLUDE (grid, cohort_start)
    FROM whole
    JOIN place ON place.grid = whole.grid AND place.cohort_start IS NOT DISTINCT FROM whole.cohort_start
),
beside AS (
    SELECT
        cell.*, standardisation.has_reference, standardisation.overall_rate, profile_rate.rate,
        pooled.n - CASE WHEN standardisation.leave_one_out THEN cell.n ELSE 0 END AS pool_n,
        pooled.amount - CASE WHEN standardisation.leave_one_out THEN cell.amount ELSE 0 END AS pool_amount,
        pooled.all_n - CASE WHEN standardisation.leave_one_out THEN sum(cell.n) OVER unit ELSE 0 END AS rest_n,
        pooled.all_amount - CASE WHEN standardisation.leave_one_out THEN sum(cell.amount) OVER unit ELSE 0 END AS rest_amount
    FROM profile_cell AS cell
    JOIN standardisation USING (position)
    JOIN pooled ON pooled.position = cell.position AND pooled.place = cell.place AND pooled.profile_no = cell.profile_no
    LEFT JOIN profile_rate ON profile_rate.profile_no = cell.profile_no
    WINDOW unit AS (PARTITION BY cell.position, cell.place)
),
rated AS (
    SELECT
        position, place, n, amount,
        CASE WHEN has_reference THEN rate ELSE pool_amount / nullif(pool_n, 0) END AS own_rate,
        CASE WHEN has_reference THEN overall_rate ELSE rest_amount / nullif(rest_n, 0) END AS fallback_rate
    FROM beside
)
SELECT
    position, place,
    sum(n)::BIGINT AS n,
    sum(amount)::BIGINT AS observed,
    coalesce(sum(n) FILTER (own_rate IS NOT NULL), 0)::BIGINT AS n_known,
    CASE WHEN count_if(coalesce(own_rate, fallback_rate) IS NULL) = 0
        THEN sum(round(n * coalesce(own_rate, fallback_rate) * 1e12)::HUGEINT)::DOUBLE / 1e12 END AS expected
FROM rated
GROUP BY ALL;
