-- held_events.sql  every accepted event of a person, corrected ones too
-- reads        event, amendment
-- parameters   $subject
-- grain        one row per event
SELECT
    event.source, event.id, event.type, event.occurred_at, event.recorded_at, event.unit, event.episode, event.code, event."value",
    event.amount_ore, event.fields, event.attributes, event.effort,
    amendment.verdict AS corrected,
    event.feed, event.part, event."offset"
FROM event
LEFT JOIN amendment ON amendment.target_key = event.event_key
WHERE event.subject = $subject
ORDER BY event.occurred_at, event.source, event.id
