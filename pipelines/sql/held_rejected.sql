-- held_rejected.sql  how many rejected records are known to name a person
-- reads        quarantine
-- parameters   $subject
-- grain        one row
SELECT count(*) AS rejected
FROM quarantine
WHERE subject_key = md5_number_lower($subject)
