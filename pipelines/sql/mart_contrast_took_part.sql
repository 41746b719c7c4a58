-- mart_contrast_took_part.sql  index events near which something happened that puts their subject on a side
-- reads       contrast_near
-- parameters  $side treated or control
INSERT INTO contrast_took_part BY NAME
SELECT DISTINCT $side AS side, index_key
FROM contrast_near
WHERE /*chosen*/ true;
