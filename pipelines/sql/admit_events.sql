-- admit_events.sql  what is accepted of the batch
-- reads             arriving_row, refused
-- parameters        $batch
INSERT INTO event BY NAME
SELECT a.* EXCLUDE (pos), $batch AS batch FROM arriving_row a ANTI JOIN refused r USING (pos)
