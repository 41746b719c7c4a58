-- mart_contrast_near.sql  events of some types near the index, as conditions of the catalogue see them
-- reads       contrast_candidate, src_event_alone
-- parameters  $types event types; $start, $finish intervals from the index to the ends of the window
-- grain       one row per index event and event in its window
CREATE OR REPLACE TEMP TABLE contrast_near AS
SELECT
    candidate.index_key, candidate.index_on,
    event.event_key, event.type, event.occurred_on, event.occurred_at, event.recorded_at, event.content_hash,
    event.unit, event.episode, event.code, event.value, event.amount_ore, event.fields, event.attributes,
    event.from_unit, event.from_episode, event.from_code, event.from_value, event.from_amount_ore, event.from_fields, event.from_attributes
FROM contrast_candidate AS candidate
JOIN src_event_alone AS event
    ON event.subject_key = candidate.subject_key
    AND event.occurred_on BETWEEN (candidate.index_on + $start::INTERVAL)::DATE AND (candidate.index_on + $finish::INTERVAL)::DATE
WHERE list_contains($types, event.type);
