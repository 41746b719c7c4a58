-- mart_effect_value_by_payer.sql  whose money an effect is worth, and whose it costs
-- reads       mart.effect_per_krone, payer_share (value -> payer -> share from and to on a scale that ends at 1)
-- grain       unit x indicator x version x cohort x attribution rule x payer
-- The municipality bears the cost net of refund, the state the refund. Benefits are cut at the shares' ends, so payers add up to the whole.
INSERT INTO mart.effect_value_by_payer BY NAME
SELECT
    unit_id, core_task_id, indicator_id, indicator_version, cohort, cohort_start, cohort_end, attribution,
    payer,
    share_to - share_from AS payer_share,
    (round(benefit_ore * share_to) - round(benefit_ore * share_from))::BIGINT AS benefit_ore,
    round((effects_low * value_per_effect_ore) * (share_to - share_from))::BIGINT AS benefit_low_ore,
    round((effects_high * value_per_effect_ore) * (share_to - share_from))::BIGINT AS benefit_high_ore,
    CASE payer WHEN 'municipality' THEN cost_net_ore WHEN 'state' THEN -refund_ore ELSE 0 END AS cost_ore,
    (round(benefit_ore * share_to) - round(benefit_ore * share_from)
        - CASE payer WHEN 'municipality' THEN cost_net_ore WHEN 'state' THEN -refund_ore ELSE 0 END)::BIGINT AS net_benefit_ore,
    state,
    reason
FROM mart.effect_per_krone
JOIN payer_share USING (value_id)
WHERE benefit_ore IS NOT NULL AND cost_net_ore IS NOT NULL
ORDER BY effect_per_krone.rowid, share_from, payer;
