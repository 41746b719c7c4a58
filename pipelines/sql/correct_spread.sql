-- correct_spread.sql  one step further: everything that a correction ties to what is in the set already
-- reads               correction, affected
INSERT INTO affected
SELECT event_key FROM (
    SELECT c.event_key FROM correction c SEMI JOIN affected a ON a.event_key = c.target_key
    UNION SELECT c.event_key FROM correction c SEMI JOIN affected a ON a.event_key = c.other_target_key
    UNION SELECT c.target_key FROM correction c SEMI JOIN affected a ON a.event_key = c.event_key
    UNION SELECT c.other_target_key FROM correction c SEMI JOIN affected a ON a.event_key = c.event_key WHERE c.other_target_key IS NOT NULL
) WHERE event_key NOT IN (SELECT event_key FROM affected)
