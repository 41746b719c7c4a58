-- episode_unnamed.sql  states without an episode id (resident): an end closes whatever is open, so each start runs to the first end after it
-- reads                told
-- makes                more rows of episode
INSERT INTO episode BY NAME
WITH closing AS (
    SELECT * FROM told WHERE closes AND NOT is_named
    QUALIFY row_number() OVER (PARTITION BY subject_key, state_no, occurred_at ORDER BY occurred_on, event_key) = 1
)
SELECT
    s.state_no, s.subject_key, s.event_key AS start_key, s.occurred_on AS start_on, s.recorded_at AS start_known_at, s.unit AS start_unit,
    e.event_key AS end_key, coalesce(e.occurred_on, DATE 'infinity') AS end_on, e.recorded_at AS end_known_at
FROM (SELECT * FROM told WHERE opens AND NOT is_named) s
    ASOF LEFT JOIN closing e
        ON e.subject_key = s.subject_key AND e.state_no = s.state_no AND e.occurred_at > s.occurred_at;
