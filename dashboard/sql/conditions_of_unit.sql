-- conditions_of_unit.sql   what staff answer, how their time goes and how involved citizens feel at one unit, once for each measure
-- parameters               $unit_id, $cohort
-- grain                    one row per measure
SELECT DISTINCT measure, asked, value, value_low, value_high, answers, minutes, state, reason
FROM work_conditions
WHERE unit_id = $unit_id AND cohort = $cohort
ORDER BY asked, measure
