-- erase_hide.sql  such corrections only retract from now on; what they would put instead is gone
-- reads           hidden_correction
UPDATE event SET type = 'correction.event_retracted', unit = NULL, attributes = NULL, effort = NULL,
    fields = json_object('target_id', json_extract_string(fields, '$.target_id'), 'target_source', json_extract_string(fields, '$.target_source'))::VARCHAR
WHERE event_key IN (SELECT event_key FROM hidden_correction) AND type = 'correction.event_replaced';

UPDATE correction SET type = 'correction.event_retracted', unit = NULL, attributes = NULL, effort = NULL, other_target_key = NULL,
    fields = json_object('target_id', json_extract_string(fields, '$.target_id'), 'target_source', json_extract_string(fields, '$.target_source'))::VARCHAR
WHERE event_key IN (SELECT event_key FROM hidden_correction);

INSERT INTO changed_target SELECT DISTINCT target_key FROM hidden_correction;
