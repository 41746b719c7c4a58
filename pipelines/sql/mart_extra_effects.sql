-- mart_extra_effects.sql  effects beyond what the case mix lets expect, per million kroner: (observed - expected) x weight over cost
-- reads   mart.effect_by_unit (matured effects with something final to compare with), standardisation, indicator
-- writes  extra_effects_per_million, extra_low, extra_high of mart.effect_per_krone, for the unit of the index (lead)
-- The limits are those of observed / expected: the cost is a full count and the reference is taken as known.
UPDATE mart.effect_per_krone AS krone
SET
    extra_effects_per_million = weight * (cell.observed - cell.expected) / (krone.cost_ore / 1e8),
    extra_low = weight * (cell.oe_low - 1) * cell.expected / (krone.cost_ore / 1e8),
    extra_high = weight * (cell.oe_high - 1) * cell.expected / (krone.cost_ore / 1e8)
FROM mart.effect_by_unit AS cell
JOIN indicator USING (indicator_id, indicator_version)
JOIN standardisation ON standardisation.position = indicator.position AND standardisation.quantity = 'achieved' AND standardisation.follow_up = 'matured'
WHERE krone.unit_id = cell.unit_id AND krone.indicator_id = cell.indicator_id AND krone.indicator_version = cell.indicator_version
    AND krone.cohort = cell.cohort AND krone.attribution = 'lead'
    AND krone.effects_per_million IS NOT NULL AND cell.expected_state = 'final' AND cell.observed_over_expected IS NOT NULL;
