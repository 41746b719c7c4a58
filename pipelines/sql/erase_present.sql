-- erase_present.sql  subjects of which the store still holds something, though one of the wanted notes says that they were erased
-- reads              wanted_note (subject_hash), event, correction, amended_event, effect
-- parameters         $outer, $inner: the two padded keys of HMAC-SHA256
WITH held AS (
    SELECT subject FROM event UNION SELECT subject FROM correction UNION SELECT subject FROM amended_event UNION SELECT subject FROM effect
)
SELECT subject FROM held
SEMI JOIN wanted_note w ON w.subject_hash = sha256($outer::BLOB || unhex(sha256($inner::BLOB || encode(subject))))
ORDER BY subject
