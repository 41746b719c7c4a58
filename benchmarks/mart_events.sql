-- mart_events.sql   citizens' courses in three core tasks as JSON lines, ten events each, one citizen after the other; the same for the same number
-- parameters $first, $n citizens; $teams; $cohorts months that courses begin in
-- columns    line
WITH citizen AS (
    SELECT range AS person, (hash(range) >> 2)::BIGINT AS dice FROM range($first, $first + $n)
),
course AS (
    SELECT
        person, dice,
        CASE WHEN dice % 10 < 4 THEN 'work' WHEN dice % 10 < 7 THEN 'care' ELSE 'company' END AS area,
        'bench.team' || (dice // 10 % $teams) AS team,
        'bench.team' || (dice // 101 % $teams) AS other_team,
        'p:k1.' || left(md5('mart' || person), 20) AS citizen,
        DATE '2021-01-01' + (dice // 1009 % ($cohorts * 30))::INTEGER AS day,
        '"attributes":{"age":' || (18 + dice // 7 % 60) || ',"months_on_benefit_before":' || (dice // 11 % 60) || ',"function_level":'
        || (dice // 13 % 5) || '}' AS known
    FROM citizen
),
stepped AS (
    SELECT *, step, (hash(person, step) >> 2)::BIGINT AS luck FROM course CROSS JOIN range(10) AS steps(step)
),
told AS (
    SELECT person, step, area, team, citizen, dice, known,
        CASE area
            WHEN 'work' THEN CASE step
                WHEN 0 THEN struct_pack(after := 0, type := 'employment.benefit_started',
                    data := '"spell_id":"s' || person || '","benefit":"kontanthjaelp",' || known)
                WHEN 3 THEN struct_pack(after := 30 + dice // 17 % 120, type := 'employment.benefit_ended',
                    data := '"spell_id":"s' || person || '","reason":"work",' || known)
                WHEN 4 THEN CASE WHEN luck % 10 < 7 THEN struct_pack(after := 30 + dice // 17 % 120 + luck // 11 % 300, type := 'employment.placement_started',
                    data := '"placement_id":"j' || person || '","hours_per_week":37,"form":"ordinary"') END
                WHEN 5 THEN CASE WHEN luck % 10 < 4 THEN struct_pack(after := 500 + luck // 11 % 300, type := 'employment.placement_ended',
                    data := '"placement_id":"j' || person || '","reason":"end"') END
                WHEN 6 THEN CASE WHEN luck % 10 < 3 THEN struct_pack(after := 300 + luck // 11 % 400, type := 'employment.benefit_started',
                    data := '"spell_id":"t' || person || '","benefit":"kontanthjaelp",' || known) END
                WHEN 8 THEN CASE WHEN luck % 20 < 1 THEN struct_pack(after := 100 + luck // 21 % 600, type := 'person.moved_away', data := '') END
                END
            WHEN 'care' THEN CASE step
                WHEN 0 THEN struct_pack(after := 0, type := 'rehabilitation.course_started', data := '"course_id":"c' || person || '",' || known)
                WHEN 1 THEN struct_pack(after := luck % 5, type := 'rehabilitation.function_assessed',
                    data := '"instrument":"barthel","score":' || (luck // 7 % 100))
                WHEN 2 THEN struct_pack(after := 0, type := 'rehabilitation.care_granted',
                    data := '"service":"personal_care","minutes_per_week":' || (60 + luck % 200))
                WHEN 6 THEN CASE WHEN luck % 20 < 19 THEN struct_pack(after := 80 + luck // 21 % 40, type := 'rehabilitation.function_assessed',
                    data := '"instrument":"barthel","score":' || (luck // 7 % 100)) END
                WHEN 7 THEN struct_pack(after := 20 + luck % 300, type := 'rehabilitation.care_granted',
                    data := '"service":"personal_care","minutes_per_week":' || (CASE WHEN luck // 301 % 3 = 0 THEN 0 ELSE luck // 5 % 200 END))
                WHEN 8 THEN CASE WHEN luck % 10 < 8 THEN struct_pack(after := 60 + luck // 11 % 100, type := 'experience.rated',
                    data := '"question":"independence","scale_min":1,"scale_max":5,"score":' || (1 + luck // 3 % 5)) END
                WHEN 9 THEN CASE WHEN luck % 20 < 1 THEN struct_pack(after := 100 + luck // 21 % 600, type := 'person.died', data := '') END
                END
            ELSE CASE step
                WHEN 0 THEN struct_pack(after := 0, type := 'community.membership_started', data := '"membership_id":"m' || person || '",' || known)
                WHEN 1 THEN struct_pack(after := luck % 14, type := 'community.loneliness_measured',
                    data := '"instrument":"t_ils","score":' || (3 + luck // 17 % 7))
                WHEN 2 THEN CASE WHEN luck % 10 < 9 THEN struct_pack(after := 270 + luck // 11 % 150, type := 'community.loneliness_measured',
                    data := '"instrument":"t_ils","score":' || (3 + luck // 17 % 7)) END
                WHEN 3 THEN CASE WHEN luck % 10 < 4 THEN struct_pack(after := luck // 11 % 500, type := 'community.volunteering_started',
                    data := '"volunteering_id":"v' || person || '"') END
                WHEN 4 THEN CASE WHEN luck % 10 < 6 THEN struct_pack(after := 30 + luck // 11 % 700, type := 'community.membership_ended',
                    data := '"membership_id":"m' || person || '"') END
                END
        END AS milestone,
        CASE area WHEN 'work' THEN 'employment.conversation_held' WHEN 'care' THEN 'rehabilitation.visit_delivered'
            ELSE 'employment.conversation_held' END AS output,
        day, luck, other_team
    FROM stepped
),
-- What is no milestone is an output; one in twenty is given by another team.
happened AS (
    SELECT person, step, citizen, day + coalesce(milestone.after, 10 + luck % 180)::INTEGER AS day,
        CASE WHEN milestone IS NULL AND luck % 20 = 3 THEN other_team ELSE team END AS team,
        coalesce(milestone.type, output) AS type, coalesce(milestone.data, '"minutes":' || (20 + luck % 40)) AS data
    FROM told
)
SELECT '{"specversion":"1.0","id":"mart-' || person || '-' || step || '","source":"urn:invented:bench","type":"dk.kerneopgave.' || type
    || '.v1","subject":"' || citizen || '","time":"' || day || 'T09:30:00+01:00","recordedtime":"' || (day + 1) || 'T06:00:00+01:00","data":{'
    || concat_ws(',', CASE WHEN NOT starts_with(type, 'person.') AND type <> 'community.loneliness_measured' THEN '"unit":"' || team || '"' END, nullif(data, '')) || '}}' AS line
FROM happened
ORDER BY person, step
