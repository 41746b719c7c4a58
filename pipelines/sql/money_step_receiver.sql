-- money_step_receiver.sql  who receives in one step, and how much of it each counts for
-- reads       cost_basis, step_source, placement, placement_unit, key_unit and key_core_task (limits of the key; no row: none)
-- parameters  $step_no, $key_no, $valid_from, $valid_to or null: the key holds for periods whose first day lies in it
-- grain       one row per period, kind and currency (null: all), placement and core task
-- A source of this step or of an earlier one receives nothing.
CREATE OR REPLACE TABLE step_receiver AS
SELECT cost_basis.period_from, cost_basis.kind, cost_basis.currency, placement.placement, placement.unit_id, cost_basis.core_task_id, sum(basis)::HUGEINT AS basis
FROM cost_basis
JOIN placement USING (placement)
ANTI JOIN step_source
    ON step_source.step_no <= $step_no AND step_source.core_task_id = cost_basis.core_task_id
    AND (step_source.unit_id IS NULL OR step_source.unit_id = placement.unit_id)
WHERE key_no = $key_no AND basis > 0
    AND ($valid_from IS NULL OR period_from >= $valid_from) AND ($valid_to IS NULL OR period_from < $valid_to)
    AND (
        NOT EXISTS (FROM key_unit WHERE key_unit.key_no = $key_no)
        OR placement.placement IN (SELECT placement_unit.placement FROM placement_unit JOIN key_unit USING (unit_id) WHERE key_unit.key_no = $key_no)
    )
    AND (
        NOT EXISTS (FROM key_core_task WHERE key_core_task.key_no = $key_no)
        OR cost_basis.core_task_id IN (SELECT core_task_id FROM key_core_task WHERE key_core_task.key_no = $key_no)
    )
GROUP BY ALL;
