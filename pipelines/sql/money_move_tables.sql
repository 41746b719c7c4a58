-- money_move_tables.sql  what the steps of allocation write
-- cost_basis  key x period x (kind, currency: null means all) x placement x core task -> what counts, in whole numbers
-- cost_move   step x source row x receiver -> oere;  cost_stuck  step x source row -> oere that found no receiver
CREATE TABLE cost_basis (key_no INTEGER, period_from DATE, kind VARCHAR, currency VARCHAR, placement INTEGER, core_task_id VARCHAR, basis HUGEINT);
CREATE TABLE cost_move (
    step_no INTEGER, key_no INTEGER, placement INTEGER, core_task_id VARCHAR, cost_class VARCHAR, came_by INTEGER, to_placement INTEGER,
    to_core_task VARCHAR, kind VARCHAR, currency VARCHAR, cost_start DATE, compare_start DATE, cost_year BIGINT, is_past BOOLEAN, amount_ore HUGEINT
);
CREATE TABLE cost_stuck (
    step_no INTEGER, key_no INTEGER, placement INTEGER, core_task_id VARCHAR, kind VARCHAR, currency VARCHAR, cost_start DATE, cost_year BIGINT, amount_ore HUGEINT
);
