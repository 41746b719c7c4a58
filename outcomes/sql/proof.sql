-- proof.sql  the events behind each stretch of a state that an answer may rest on
-- makes      proof(stretch_ref, subject_key, stretch_on, events), filled by proof_island.sql and proof_run.sql
CREATE OR REPLACE TEMP TABLE proof (
    stretch_ref USMALLINT, subject_key UBIGINT, stretch_on DATE, events STRUCT("on" DATE, "key" UBIGINT, known_at TIMESTAMP)[]
);
