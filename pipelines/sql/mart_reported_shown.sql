-- mart_reported_shown.sql  what rows of reported totals say of themselves
-- reads    indicator
-- changes  mart.effect_by_unit: rows of the kind reported. They have no estimate, and no curve: nobody is followed
UPDATE mart.effect_by_unit AS shown SET
    estimate_method = NULL,
    reason = concat_ws('; ',
        CASE
            WHEN state = 'immature' THEN 'part of the cohort''s periods is not over yet'
            WHEN state = 'missing' THEN 'the totals reported are of nobody'
            WHEN state = 'suppressed' THEN shown.reason
        END,
        'totals reported by the source, no persons behind them: no estimate, and small counts are hidden as if of persons'
    )
FROM indicator
WHERE indicator.kind = 'reported' AND indicator.indicator_id = shown.indicator_id AND indicator.indicator_version = shown.indicator_version;
