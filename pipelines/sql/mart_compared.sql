-- mart_compared.sql  the effect records that are held against what is expected of them
-- reads   record, standardisation (position -> quantity, follow_up)
-- grain   one row per indicator with a comparison and record that counts in it
-- columns amount  what was observed: 1 or 0, or the completed time units to the effect
--         follow  the time at which a reference with times is asked: possible follow-up (incidence) or own follow-up (hazard); else null
CREATE TABLE compared AS
SELECT
    record.position, record.index_key, record.subject_key, record.placement, record.period_start, record.index_on, record.end_on,
    CASE standardisation.follow_up
        WHEN 'incidence' THEN completed_units(record.index_on, record.followed_to, indicator.time_unit)
        WHEN 'hazard' THEN record.time
    END::INTEGER AS follow,
    CASE
        WHEN standardisation.quantity = 'time' THEN record.time
        WHEN standardisation.follow_up = 'matured' THEN (record.class = 'achieved')::INTEGER
        ELSE (record.ending = 0)::INTEGER
    END AS amount
FROM record
JOIN standardisation USING (position)
JOIN indicator USING (position)
WHERE CASE
    WHEN standardisation.quantity = 'time' THEN record.class = 'achieved'
    WHEN standardisation.follow_up = 'matured' THEN record.class IN ('achieved', 'not_achieved', 'competing')
    ELSE record.observed
END;
