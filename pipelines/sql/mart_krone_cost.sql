-- mart_krone_cost.sql  `krone_cost`: what the cost behind each row of `krone` is made of, and its sampling error
-- reads       krone, cost_meeting, indicator_value (indicator -> its value)
-- parameters  $z normal quantile of the limits
-- grain       one row per row of krone (row_no)
-- columns     effect_se standard error of attributed_effects: half the width of its limits over z; cost_se null where the cost is a full count
CREATE TABLE krone_cost AS
SELECT
    krone.rowid AS row_no,
    cost_meeting.price_index,
    cost_meeting.allocated_ore,
    cost_meeting.refund_ore,
    krone.cost_ore + cost_meeting.refund_ore AS cost_net_ore,
    sqrt(cost_meeting.cost_variance) AS cost_se,
    (krone.effects_high - krone.effects_low) / (2 * $z) AS effect_se,
    indicator_value.value_id,
    indicator_value.value_version
FROM krone
LEFT JOIN cost_meeting
    ON cost_meeting.unit_id = krone.unit_id AND cost_meeting.core_task_id = krone.core_task_id AND cost_meeting.grid = krone.grid
    AND cost_meeting.cohort_start IS NOT DISTINCT FROM krone.cohort_start
LEFT JOIN indicator_value
    ON indicator_value.indicator_id = krone.indicator_id AND indicator_value.indicator_version = krone.indicator_version;
