-- effect_rehash.sql  the content hashes anew, by the DuckDB that runs now
-- reads              effect
UPDATE effect SET content_hash = effect_hash(
    core_task_id, subject_key, index_on, unit_id, resolves_on, decided_on, outcome, value, baseline, contributors, evidence, known_from
) WHERE outcome <> 'withdrawn';
