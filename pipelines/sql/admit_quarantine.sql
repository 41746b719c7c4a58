-- admit_quarantine.sql  records that the intake refused
-- reads                 rejected
-- parameters            $batch
INSERT INTO quarantine BY NAME
SELECT feed, part, "offset", $batch AS batch, class, faults, raw, sha256, source, id, subject_key, false AS retried FROM rejected
