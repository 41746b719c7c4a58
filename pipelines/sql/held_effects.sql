-- held_effects.sql  what became of a person's index events: the newest version of each effect record, without withdrawn ones
-- reads        effect
-- parameters   $subject
-- grain        one row per effect record
SELECT
    indicator_id, indicator_version, core_task_id, index_on, unit_id, outcome, decided_on, resolves_on, "value", baseline, contributors,
    known_from, version
FROM effect
WHERE subject = $subject
QUALIFY row_number() OVER (PARTITION BY indicator_id, indicator_version, index_key ORDER BY version DESC) = 1 AND outcome <> 'withdrawn'
ORDER BY indicator_id, indicator_version, index_on, index_key
