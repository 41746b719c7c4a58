-- proof_island.sql  the starts and ends behind unbroken stretches, for state_at
-- reads             island, state_stretch (which states some state_at asks for; islands and runs are numbered in one series)
-- makes             more rows of proof
INSERT INTO proof
SELECT r.stretch_ref, p.subject_key, p.start_on AS stretch_on, p.proof AS events FROM island p JOIN state_stretch r USING (state_ref);
