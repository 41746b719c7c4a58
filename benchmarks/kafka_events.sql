-- kafka_events.sql   the benchmark's events as JSON lines of about 330 bytes, in order of recording, the same ones for the same numbers
-- parameters $n events before repetitions; $first number of the first one
-- columns    line   2 % are repeated some thousand lines later, 1 % are broken in one of five ways
-- Ten numbers in a row make one citizen's course: benefit, conversations, a job for most, benefit again for some; and two ledger entries.
WITH numbered AS (
    SELECT range AS i, range // 10 AS person, range % 10 AS step, hash(range // 10) AS dice FROM range($first, $first + $n)
),
dated AS (
    SELECT *, DATE '2021-01-01' + (dice % 900)::INTEGER + CASE step
               WHEN 0 THEN 0 WHEN 1 THEN 14 WHEN 2 THEN 40 WHEN 3 THEN 75 WHEN 4 THEN 90 WHEN 5 THEN 90 + (dice // 7 % 60)::INTEGER
               WHEN 6 THEN 150 WHEN 7 THEN 160 + (dice // 11 % 200)::INTEGER ELSE 30 * (dice // 13 % 12)::INTEGER END AS day
    FROM numbered
),
told AS (
    SELECT i, step, day, 'p:k1.' || left(md5('bench' || person), 20) AS citizen, 'bench.team' || (dice % 40) AS team,
           '"attributes":{"age":' || (18 + dice % 48) || ',"months_on_benefit":' || (dice // 3 % 60) || '}' AS known,
           CASE
               WHEN step = 0 OR step = 7 AND dice // 17 % 4 = 0 THEN 'employment.benefit_started'
               WHEN step = 4 THEN 'employment.benefit_ended'
               WHEN step = 5 AND dice // 5 % 10 < 7 THEN 'employment.placement_started'
               WHEN step = 7 AND dice // 5 % 10 < 7 THEN 'employment.placement_ended'
               WHEN step >= 8 THEN 'finance.ledger_posted'
               ELSE 'employment.conversation_held' END AS type,
           person, dice
    FROM dated
),
events AS (
    SELECT i, day, type,
           '{"specversion":"1.0","id":"bench-' || i || '","source":"urn:invented:bench","type":"dk.kerneopgave.' || type || '.v1","subject":"'
           || CASE WHEN step >= 8 THEN team ELSE citizen END || '","time":"' || day || 'T09:30:00+01:00","recordedtime":"' || (day + 1)
           || 'T06:00:00+01:00","data":{"unit":"' || team || '",' || CASE type
               WHEN 'employment.benefit_started' THEN '"spell_id":"spell-' || i || '","benefit":"kontanthjaelp",' || known
               WHEN 'employment.benefit_ended' THEN '"spell_id":"spell-' || (i - 4) || '","reason":"work",' || known
               WHEN 'employment.placement_started'
                   THEN '"placement_id":"job-' || person || '","hours_per_week":37,"form":"ordinary","employer_sector":"private",' || known
               WHEN 'employment.placement_ended' THEN '"placement_id":"job-' || person || '","reason":"end of contract",' || known
               WHEN 'finance.ledger_posted' THEN '"account":"5.68.90.' || (1 + dice % 5) || '.1.000","amount_ore":' || (dice % 900000)
                   || ',"kind":"actual","species":"4.' || (dice % 9) || '"'
               ELSE '"minutes":' || (20 + dice % 40) || ',"channel":"meeting"' END || '}}' AS line
    FROM told
),
spoilt AS (
    SELECT i, day, type, CASE
               WHEN hash(i) % 100 <> 7 THEN line
               WHEN i % 5 = 0 THEN line[:120]
               WHEN i % 5 = 1 THEN replace(line, '"subject":', '"object":')
               WHEN i % 5 = 2 THEN replace(line, '"unit":"', '"unit":"no such ')
               WHEN i % 5 = 3 THEN replace(line, '.v1"', '.v9"')
               ELSE replace(line, '"data":{', '"data":{"note":"010180-1234",') END AS line
    FROM events
)
SELECT line FROM (
    SELECT line, day, i FROM spoilt
    UNION ALL
    SELECT line, day + 2, i FROM spoilt WHERE hash(i) % 100 < 2
)
ORDER BY day, hash(i)
