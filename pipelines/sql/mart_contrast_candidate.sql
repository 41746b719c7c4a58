-- mart_contrast_candidate.sql  the records of one indicator that a comparison looks at
-- reads       record, placement
-- parameters  $position indicator; $first_on, $last_on index days (null: no limit)
-- grain       one row per index event
CREATE OR REPLACE TEMP TABLE contrast_candidate AS
SELECT
    record.index_key, record.subject_key, record.placement, placement.unit_id, record.index_on, record.period_start, record.class, record.value, record.baseline
FROM record
JOIN placement USING (placement)
WHERE record.position = $position
    AND ($first_on::DATE IS NULL OR record.index_on >= $first_on::DATE)
    AND ($last_on::DATE IS NULL OR record.index_on <= $last_on::DATE);
