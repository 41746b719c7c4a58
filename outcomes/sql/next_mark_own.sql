-- next_mark_own.sql  the same where only events of the index event's own episode count: the closing of this very case
-- reads              index_event, own_pair (which sets are asked for in this way), mark_filter, hit, milestone, event_reading
-- makes              more rows of next_mark. An event whose type carries another kind of id, or none, counts whatever the episode
INSERT INTO next_mark BY NAME
WITH asked AS (
    SELECT p.index_set, p.mark_set, x.subject_key, x.index_key, x.index_on, r.id_field, e.episode
    FROM own_pair p
        JOIN index_event x USING (index_set)
        JOIN milestone e ON e.event_key = x.index_key
        JOIN event_reading r USING (type_no)
),
mark AS (
    SELECT f.mark_set, h.subject_key, h.event_key, h.occurred_on, h.occurred_at, r.id_field, e.episode
    FROM (SELECT DISTINCT mark_set FROM own_pair) s
        JOIN mark_filter f USING (mark_set)
        JOIN hit h USING (filter_no)
        JOIN milestone e USING (event_key)
        JOIN event_reading r USING (type_no)
),
final AS (
    SELECT
        a.index_set, a.mark_set, a.index_key,
        arg_min({'on': m.occurred_on, 'key': m.event_key}, {'on': m.occurred_on, 'at': m.occurred_at, 'key': m.event_key}) AS first_mark
    FROM asked a
        JOIN mark m ON m.mark_set = a.mark_set AND m.subject_key = a.subject_key AND m.occurred_on >= a.index_on
    WHERE m.event_key <> a.index_key AND (m.id_field = a.id_field IS NOT TRUE OR m.episode = a.episode)
    GROUP BY a.index_set, a.mark_set, a.index_key
)
SELECT index_set, mark_set, index_key, first_mark['on'] AS mark_on, first_mark['key'] AS mark_key
FROM final;
