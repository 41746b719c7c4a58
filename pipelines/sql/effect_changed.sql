-- effect_changed.sql  effect versions that were written next after a batch
-- reads               effect, batch
-- parameters          $after: a batch; $about: versions wanted
-- grain               one row per version, whole batches only: what is sent of a batch is known by the batch's number
WITH following AS (
    SELECT batch, sum(effects) OVER (ORDER BY batch) AS so_far, sum(effects) OVER (ORDER BY batch) - effects AS before
    FROM batch WHERE batch > $after AND effects > 0
)
SELECT e.*
FROM effect e
WHERE e.batch > $after AND e.batch <= (SELECT max(batch) FROM following WHERE before = 0 OR so_far <= $about)
ORDER BY e.batch, e.subject_key, e.indicator_id, e.indicator_version, e.index_key, e.version;
