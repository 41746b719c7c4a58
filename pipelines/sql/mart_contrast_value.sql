-- mart_contrast_value.sql  the number that an event near the index states
-- reads       contrast_near
-- parameters  $slot which value; $which first, last or closest; $start, $finish, $at intervals from the index to the ends of the window and to the
--             day that closest means; without $at the index day where the window holds it, else the window's middle (the earlier of two)
-- grain       one row per index event with such a number
INSERT INTO contrast_value BY NAME
WITH ends AS (
    SELECT
        *,
        (index_on + $start::INTERVAL)::DATE AS first_on,
        (index_on + $finish::INTERVAL)::DATE AS last_on
    FROM contrast_near
    WHERE /*chosen*/ true
),
stated AS (
    SELECT
        *, /*number*/ 0 AS number,
        CASE
            WHEN $at::VARCHAR IS NOT NULL THEN (index_on + $at::INTERVAL)::DATE
            WHEN index_on BETWEEN first_on AND last_on THEN index_on
            ELSE first_on + ((last_on - first_on) // 2)::INTEGER
        END AS target_on
    FROM ends
)
SELECT $slot AS slot, index_key, number AS value
FROM stated
WHERE number IS NOT NULL
QUALIFY row_number() OVER (
    PARTITION BY index_key
    ORDER BY
        CASE WHEN $which = 'closest' THEN abs(occurred_on - target_on) END,
        CASE WHEN $which = 'last' THEN epoch_us(occurred_at) END DESC,
        occurred_at, recorded_at DESC, content_hash, event_key
) = 1;
