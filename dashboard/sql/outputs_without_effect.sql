-- outputs_without_effect.sql  units that rank surely worse by effects per krone than by outputs per krone
-- grain                       one row per unit and core task; the widest gap first
SELECT *
FROM v_outputs_without_effect
QUALIFY row_number() OVER (PARTITION BY unit_id, core_task_id ORDER BY cohort = 'all' DESC, cohort DESC) = 1
ORDER BY places_lost DESC, core_task_id, unit_id
