-- known_seeds.sql  every target of every correction that was known is looked at anew
-- reads            correction
-- makes            changed_target, touched_subject (empty)
CREATE OR REPLACE TEMP TABLE changed_target AS
SELECT target_key AS event_key FROM correction UNION SELECT event_key FROM correction;

CREATE OR REPLACE TEMP TABLE touched_subject AS SELECT subject_key FROM event LIMIT 0;
