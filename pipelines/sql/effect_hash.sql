-- effect_hash.sql  what "the same record" means: everything that can change of it. Index event and subject's name are said by their keys
-- makes            temporary macro effect_hash
-- DuckDB's own hash is twenty times faster than a digest of the same as text, but another DuckDB may hash otherwise: then effect_rehash.sql
-- runs once (pipelines/versions.py).
CREATE OR REPLACE TEMP MACRO effect_hash(
    core_task_id, subject_key, index_on, unit_id, resolves_on, decided_on, outcome, value, baseline, contributors, evidence, known_from
) AS hash(core_task_id, subject_key, index_on, unit_id, resolves_on, decided_on, outcome, value, baseline, contributors, evidence, known_from);
