-- quarantine_expiring.sql  how many rejected records would expire, by class (the dry run of quarantine_expire.sql)
-- reads                    quarantine, batch
-- parameters               $before: instant (UTC)
SELECT class, count(*) FROM quarantine
WHERE event_key IS NULL AND (raw IS NOT NULL OR source IS NOT NULL OR id IS NOT NULL OR sha256 <> '')
    AND batch IN (SELECT batch FROM batch WHERE committed_at < $before)
GROUP BY class ORDER BY class
