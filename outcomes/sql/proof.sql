-- proof.sql  the events behind each stretch of a state that an answer may rest on
-- makes      proof, filled by proof_island.sql and proof_run.sql: of a single episode its start and end, of several the list `events`
CREATE OR REPLACE TEMP TABLE proof (
    stretch_ref USMALLINT, subject_key UBIGINT, stretch_on DATE,
    start_key UBIGINT, start_known_at TIMESTAMP, end_on DATE, end_key UBIGINT, end_known_at TIMESTAMP,
    events STRUCT("on" DATE, "key" UBIGINT, known_at TIMESTAMP)[]
);
