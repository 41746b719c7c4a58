-- mart_amount_count.sql  grain: amount x unit x period x currency
CREATE TABLE amount_count (
    amount_no INTEGER, unit_id VARCHAR, period_start DATE, currency VARCHAR, events BIGINT, subjects BIGINT, amount_ore HUGEINT
);
