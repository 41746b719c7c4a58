-- episode.sql  stretches of a state that the source names: (subject, state, episode id), from the standing start to the standing end
-- reads        told, fallen
-- makes        episode, one row per standing start; end_on is infinity while no end was seen. Starts and ends keep their own columns in told
CREATE OR REPLACE TEMP TABLE episode AS
SELECT
    s.state_no, s.subject_key, s.event_key AS start_key, s.occurred_on AS start_on, s.recorded_at AS start_known_at, s.unit AS start_unit,
    e.event_key AS end_key, coalesce(e.occurred_on, DATE 'infinity') AS end_on, e.recorded_at AS end_known_at
FROM (SELECT * FROM told WHERE opens AND is_named) s ANTI JOIN fallen f USING (event_key)
    LEFT JOIN (SELECT * FROM told WHERE closes AND is_named AND event_key NOT IN (SELECT event_key FROM fallen)) e
        ON e.subject_key = s.subject_key AND e.state_no = s.state_no AND e.episode = s.episode;
