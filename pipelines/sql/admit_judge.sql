-- admit_judge.sql  what becomes of records that share a key with each other or with the history
-- reads            arriving, arriving_row, held, quarantine
-- makes            judged: pos (-1: in the history), verdict accepted | duplicate | conflict | stays | displaced
-- rule             of different contents under one key the smallest (recorded_at, content_hash) stands, whichever came first; each other content
--                  is one conflict, every repetition of a content a duplicate. So the order of arrival does not matter.
CREATE OR REPLACE TEMP TABLE judged AS
WITH repeated AS (
    SELECT event_key FROM arriving GROUP BY event_key HAVING count(*) > 1
    UNION
    SELECT event_key FROM held
),
looked_at_closely AS (
    SELECT pos FROM arriving SEMI JOIN repeated USING (event_key)
),
contender AS (
    SELECT a.event_key, a.source, a.id, a.content_hash, a.recorded_at, a.pos, NULL AS row_id
    FROM arriving_row a SEMI JOIN looked_at_closely c USING (pos)
    UNION ALL
    SELECT event_key, source, id, content_hash, recorded_at, -1, row_id FROM held
),
ranked AS (
    SELECT *,
        row_number() OVER (PARTITION BY event_key, source, id, content_hash ORDER BY pos) AS nth,
        first_value(content_hash) OVER (PARTITION BY event_key, source, id ORDER BY recorded_at, content_hash) AS winner
    FROM contender
),
known_loser AS (
    SELECT DISTINCT q.event_key, q.content_hash FROM quarantine q SEMI JOIN repeated r USING (event_key) WHERE q.class = 'conflict'
)
SELECT r.pos, r.row_id, r.event_key, r.content_hash,
    CASE
        WHEN r.pos = -1 AND r.content_hash = r.winner THEN 'stays'
        WHEN r.pos = -1 THEN 'displaced'
        WHEN r.nth > 1 THEN 'duplicate'
        WHEN r.content_hash = r.winner THEN 'accepted'
        WHEN k.event_key IS NOT NULL THEN 'duplicate'
        ELSE 'conflict'
    END AS verdict
FROM ranked r LEFT JOIN known_loser k ON k.event_key = r.event_key AND k.content_hash = r.content_hash;

CREATE OR REPLACE TEMP TABLE refused AS
SELECT pos, verdict FROM judged WHERE verdict IN ('duplicate', 'conflict');
