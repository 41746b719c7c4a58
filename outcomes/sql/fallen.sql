-- fallen.sql  starts and ends that do not stand: of two starts of one episode the earlier date does, of two ends the one recorded last
-- reads       told
-- makes       fallen(event_key); the ends without a start follow in episode.sql
CREATE OR REPLACE TEMP TABLE fallen AS
WITH shared AS (  -- rare: so the sort is over these only
    SELECT subject_key, state_no, episode, opens FROM told WHERE is_named GROUP BY ALL HAVING count(*) > 1
),
ranked AS (
    SELECT
        t.event_key,
        row_number() OVER (
            PARTITION BY t.subject_key, t.state_no, t.episode, t.opens
            ORDER BY CASE WHEN t.opens THEN t.occurred_on END, t.recorded_at DESC, t.content_hash DESC, t.event_key DESC
        ) AS place
    FROM told t SEMI JOIN shared s
        ON s.subject_key = t.subject_key AND s.state_no = t.state_no AND s.episode = t.episode AND s.opens = t.opens
    WHERE t.is_named
)
SELECT event_key FROM ranked WHERE place > 1;
