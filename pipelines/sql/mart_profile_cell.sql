-- mart_profile_cell.sql  compared records and what was observed, per profile in every cell
-- reads   coded, profile, spread
-- grain   one row per position, place, profile_no
CREATE TABLE profile_cell AS
WITH counted AS (
    SELECT coded.position, placement, period_start, profile_no, count(*) AS n, sum(amount)::BIGINT AS amount
    FROM coded
    JOIN profile ON profile.position = coded.position AND profile.code = coded.code AND profile.follow IS NOT DISTINCT FROM coded.follow
    GROUP BY ALL
)
SELECT
    counted.position, spread.place, counted.profile_no,
    sum(n)::BIGINT AS n,
    sum(amount)::BIGINT AS amount
FROM counted
JOIN spread ON spread.placement = counted.placement AND spread.period_start IS NOT DISTINCT FROM counted.period_start
GROUP BY ALL;
