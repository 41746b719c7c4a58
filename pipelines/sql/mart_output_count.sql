-- mart_output_count.sql  grain: output x placement x period of the grid
-- Minutes and participants are decimals, so that the order of adding changes nothing.
CREATE TABLE output_count (
    output_no INTEGER, placement INTEGER, period_start DATE,
    events BIGINT, minutes DECIMAL(38, 3), participants DECIMAL(38, 3),
    persons BIGINT,      -- different subjects
    covered BIGINT       -- events whose subject has an effect record in the core task
);
