-- next_mark.sql  the first event of a set on or after each index day, the index event itself left out
-- reads          index_event, mark_day, mark_pair (which sets some indicator asks for)
-- makes          next_mark, at most one row per index set, mark set and index event
CREATE OR REPLACE TEMP TABLE next_mark AS
WITH nearest AS (
    SELECT
        i.index_set, i.mark_set, i.index_key, min(d.mark_on) AS mark_on, min_by(d.mark_key, d.mark_on) AS mark_key,
        arg_min_null(d.following_on, d.mark_on) AS following_on, arg_min_null(d.following_key, d.mark_on) AS following_key
    FROM (SELECT p.mark_set, x.* FROM mark_pair p JOIN index_event x USING (index_set)) i
        JOIN mark_day d ON d.mark_set = i.mark_set AND d.subject_key = i.subject_key AND i.index_on <= d.mark_on
    GROUP BY i.index_set, i.mark_set, i.index_key
)
SELECT
    index_set, mark_set, index_key,
    CASE WHEN mark_key = index_key THEN following_on ELSE mark_on END AS mark_on,
    CASE WHEN mark_key = index_key THEN following_key ELSE mark_key END AS mark_key
FROM nearest;
