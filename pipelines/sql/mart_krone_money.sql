-- mart_krone_money.sql  effect_per_krone with its money in full: net of refund, value, return, and limits where the cost itself is uncertain
-- reads       krone, krone_cost, krone_limit (Fieller's sets of rows whose cost has a sampling error)
-- parameters  $z normal quantile of the limits
-- grain       unit x indicator x version x cohort x attribution rule
-- Ranked and compared gross of refund; net stands beside it. A benefit saved is part of the value of an effect, never of the cost.
INSERT INTO mart.effect_per_krone BY NAME
WITH limited AS (
    SELECT
        krone.* EXCLUDE (grid, epm_low, epm_high, kroner_per_effect, kpe_low, kpe_high, kpe_bounded, price_year, state, reason),
        krone.rowid AS row_no,
        krone_cost.* EXCLUDE (row_no),
        CASE WHEN krone_cost.price_index IS NOT NULL THEN krone.price_year END AS price_year,
        effects_per_million IS NOT NULL AS is_priced,
        krone_limit.row_no IS NOT NULL AS is_sampled,
        CASE WHEN krone_limit.row_no IS NULL THEN krone.epm_low ELSE krone_limit.epm_low END AS epm_low,
        CASE WHEN krone_limit.row_no IS NULL THEN krone.epm_high ELSE krone_limit.epm_high END AS epm_high,
        CASE WHEN krone_limit.row_no IS NULL OR krone_limit.kpe_bounded THEN kroner_per_effect END AS kroner_per_effect,
        CASE WHEN krone_limit.row_no IS NULL THEN krone.kpe_low ELSE krone_limit.kpe_low END AS kpe_low,
        CASE WHEN krone_limit.row_no IS NULL THEN krone.kpe_high ELSE krone_limit.kpe_high END AS kpe_high,
        CASE WHEN krone_limit.row_no IS NULL THEN krone.kpe_bounded ELSE krone_limit.kpe_bounded END AS kpe_bounded,
        CASE WHEN krone_limit.kpe_bounded = false THEN 'not_bounded' ELSE krone.state END AS state,
        CASE
            WHEN krone_limit.kpe_bounded = false AND krone.reason IS NULL
                THEN 'the effect is not clearly above zero beside the error of the cost, so kroner per effect has no upper limit'
            ELSE krone.reason
        END AS reason
    FROM krone
    JOIN krone_cost ON krone_cost.row_no = krone.rowid
    LEFT JOIN krone_limit ON krone_limit.row_no = krone.rowid
),
valued AS (
    SELECT
        *,
        CASE WHEN is_priced THEN round(attributed_effects * value_per_effect_ore)::BIGINT END AS benefit_ore,
        CASE WHEN is_priced THEN sqrt((value_per_effect_ore * effect_se) ** 2 + coalesce(cost_se, 0) ** 2) END AS net_se
    FROM limited
)
SELECT
    valued.* EXCLUDE (row_no, is_priced, is_sampled, cost_se, effect_se, net_se),
    CASE WHEN is_priced THEN round(cost_se)::BIGINT END AS cost_se_ore,
    CASE WHEN is_priced THEN CASE WHEN is_sampled THEN 'fieller' ELSE 'census' END END AS kpe_method,
    CASE WHEN is_priced AND cost_net_ore > 0 THEN attributed_effects / (cost_net_ore / 1e8) END AS effects_per_million_net,
    CASE WHEN kroner_per_effect IS NOT NULL AND cost_net_ore > 0 THEN cost_net_ore / 100 / attributed_effects END AS kroner_per_effect_net,
    benefit_ore - cost_ore AS net_benefit_ore,
    round(net_se)::BIGINT AS net_benefit_se_ore,
    CASE
        WHEN is_sampled THEN round(benefit_ore - cost_ore - $z * net_se)
        WHEN is_priced THEN round(effects_low * value_per_effect_ore) - cost_ore
    END::BIGINT AS net_low_ore,
    CASE
        WHEN is_sampled THEN round(benefit_ore - cost_ore + $z * net_se)
        WHEN is_priced THEN round(effects_high * value_per_effect_ore) - cost_ore
    END::BIGINT AS net_high_ore,
    effects_per_million * value_per_effect_ore / 1e8 AS return_per_krone,
    epm_low * value_per_effect_ore / 1e8 AS return_low,
    epm_high * value_per_effect_ore / 1e8 AS return_high
FROM valued
ORDER BY row_no;
