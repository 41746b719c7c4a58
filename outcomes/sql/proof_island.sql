-- proof_island.sql  the starts and ends behind unbroken stretches, for state_at
-- reads             island, state_stretch (which states some state_at asks for; islands and runs are numbered in one series)
-- makes             more rows of proof
INSERT INTO proof BY NAME
SELECT
    r.stretch_ref, p.subject_key, p.start_on AS stretch_on, p.end_on, CASE WHEN p.n_episodes > 1 THEN p.proof END AS events,
    p.start_key, p.start_known_at, p.end_key, p.end_known_at
FROM island p JOIN state_stretch r USING (state_ref);
