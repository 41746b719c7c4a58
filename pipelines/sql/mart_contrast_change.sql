-- mart_contrast_change.sql  when a change reached each unit: its own, or that of a unit above it
-- reads       src_event, placement_unit
-- parameters  $change id of the change; $as_of
-- grain       one row per placement that the change has reached
CREATE OR REPLACE TEMP TABLE contrast_change AS
SELECT placement_unit.placement, min(event.occurred_on) AS changed_on
FROM src_event AS event
JOIN placement_unit ON placement_unit.unit_id = coalesce(event.unit, event.subject)
WHERE event.type = 'organisation.change_introduced' AND event.episode = $change AND event.occurred_on <= $as_of::DATE
GROUP BY ALL;
