-- verdict.sql  what each kind fills: the answer if nothing competed or censored
-- reads        counted
-- makes        verdict, one row per indicator and index event: the columns of counted (less index_set), and
--              achieved      null: unmeasured. So are index events that do not say their horizon, put in here
--              decided_on    day of achievement, or the first day after which it can no longer be achieved
--              last_mark_on  last day on which a competing or censoring event comes first
--              target_key    the event that achieved it; stretch_on: first day of the stretch that the answer rests on
CREATE OR REPLACE TEMP TABLE verdict AS
SELECT
    indicator_no, subject_key, index_key, index_on, horizon_on,
    NULL::BOOLEAN AS achieved, index_on AS decided_on, NULL::DATE AS last_mark_on, NULL::UBIGINT AS target_key, NULL::DATE AS stretch_on
FROM counted
WHERE horizon_on IS NULL;
