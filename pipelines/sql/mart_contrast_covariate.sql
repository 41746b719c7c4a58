-- mart_contrast_covariate.sql  one measured covariate, in the order of the records
-- reads       contrast_record, contrast_value
-- parameters  $slot which value
SELECT measured.value AS x
FROM contrast_record
LEFT JOIN contrast_value AS measured ON measured.index_key = contrast_record.index_key AND measured.slot = $slot
ORDER BY contrast_record.index_key;
