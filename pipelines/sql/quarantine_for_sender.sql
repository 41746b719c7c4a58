-- quarantine_for_sender.sql  rejected records as their sender is told of them, oldest place first
-- reads                      quarantine, batch
-- parameters                 $class: one class, or null for all; $source: one source, or null for all; $limit rows
SELECT q.feed, q.part, q."offset", q.class, q.faults, q.sha256, q.source, q.id, b.committed_at, q.raw
FROM quarantine q JOIN batch b USING (batch)
WHERE NOT q.retried AND ($class IS NULL OR q.class = $class) AND ($source IS NULL OR q.source = $source)
ORDER BY q.feed, q.part, q."offset" LIMIT $limit
