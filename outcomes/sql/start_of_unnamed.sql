-- start_of_unnamed.sql  the start that an end without an episode id belongs to: the last one before it
-- reads                 told
-- makes                 more rows of start_of
INSERT INTO start_of BY NAME
WITH opening AS (
    SELECT * FROM told WHERE opens AND NOT is_named
    QUALIFY row_number() OVER (PARTITION BY subject_key, state_no, occurred_at ORDER BY occurred_on DESC, event_key DESC) = 1
)
SELECT e.event_key, s.event_key AS start_key, s.recorded_at AS start_known_at, s.unit AS start_unit
FROM (SELECT * FROM told WHERE closes AND NOT is_named) e
    ASOF JOIN opening s
        ON s.subject_key = e.subject_key AND s.state_no = e.state_no AND s.occurred_at < e.occurred_at;
