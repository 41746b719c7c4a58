-- reference_ends.sql  how the follow-ups of a reference's records end, by stratum
-- reads   profiled, record
-- grain   one row per levels, time, ending (0 effect, 1 an end of another kind, 2 neither was seen)
SELECT profiled.levels, record.time, record.ending, count(*) AS n
FROM profiled
JOIN record USING (position, index_key)
GROUP BY ALL
ORDER BY ALL;
