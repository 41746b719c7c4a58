-- mart_contrast_value.sql  the number that an event near the index states
-- reads       contrast_near
-- parameters  $slot which value; $which first, last or closest; $at interval from the index to the day that closest means
-- grain       one row per index event with such a number
INSERT INTO contrast_value BY NAME
WITH stated AS (
    SELECT *, /*number*/ 0 AS number
    FROM contrast_near
    WHERE /*chosen*/ true
)
SELECT $slot AS slot, index_key, number AS value
FROM stated
WHERE number IS NOT NULL
QUALIFY row_number() OVER (
    PARTITION BY index_key
    ORDER BY
        CASE WHEN $which = 'closest' THEN abs(occurred_on - (index_on + $at::INTERVAL)::DATE) END,
        CASE WHEN $which = 'last' THEN epoch_us(occurred_at) END DESC,
        occurred_at, recorded_at DESC, content_hash, event_key
) = 1;
