-- quarantine_expire.sql  what an expired rejected record keeps: its place, its class and the fields at fault, for the counts (I1); nothing it said
-- reads                  quarantine, batch
-- parameters             $before: instant (UTC); records stored before it expire
-- Records that were well-formed (event_key) stay: a conflict or a correction without its target is part of what was known, as long as its event.
UPDATE quarantine SET raw = NULL, source = NULL, id = NULL, subject_key = NULL, sha256 = ''
WHERE event_key IS NULL AND (raw IS NOT NULL OR source IS NOT NULL OR id IS NOT NULL OR sha256 <> '')
    AND batch IN (SELECT batch FROM batch WHERE committed_at < $before)
