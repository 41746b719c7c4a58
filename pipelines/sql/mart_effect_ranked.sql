-- mart_effect_ranked.sql  the units that are ranked by effects per krone, with what their rank's uncertainty rests on
-- reads   mart.effect_per_krone, mart.effect_by_unit (shown counts only), lead_indicator, placement
-- grain   unit that events name itself x core task x cohort, where effects per million kroner are shown
SELECT krone.unit_id, krone.core_task_id, krone.cohort, cell.achieved, cell.denominator, krone.cost_ore
FROM mart.effect_per_krone AS krone
SEMI JOIN lead_indicator USING (core_task_id, indicator_id, indicator_version)
SEMI JOIN placement ON placement.unit_id = krone.unit_id
JOIN mart.effect_by_unit AS cell USING (unit_id, indicator_id, indicator_version, cohort)
WHERE krone.effects_per_million IS NOT NULL AND krone.attribution = 'lead' AND cell.achieved IS NOT NULL AND cell.denominator > 0
ORDER BY krone.core_task_id, krone.cohort, krone.unit_id;
