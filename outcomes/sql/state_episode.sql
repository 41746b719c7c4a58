-- state_episode.sql  the episodes that pass one state of the catalogue (conditions on their start); all states together make `state_episode`
-- reads              episode, told
-- grain              one row per state of the catalogue and episode; what held on no day is left out
SELECT /*no*/ 0::USMALLINT AS state_ref, e.subject_key, e.start_on, e.end_on, e.start_key, e.end_key, e.start_known_at, e.end_known_at
FROM episode e JOIN told t ON t.event_key = e.start_key
WHERE e.end_on > e.start_on AND /*condition*/ true
