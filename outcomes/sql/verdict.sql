-- verdict.sql  what each kind fills: the answer if nothing competed or censored
-- makes        verdict(indicator_no, index_key, achieved, decided_on, last_mark_on, target_key, stretch_on)
--              decided_on    day of achievement, or the first day after which it can no longer be achieved
--              last_mark_on  last day on which a competing or censoring event comes first
--              target_key    the event that achieved it; stretch_on: first day of the stretch that the answer rests on
CREATE OR REPLACE TEMP TABLE verdict (
    indicator_no USMALLINT, index_key UBIGINT, achieved BOOLEAN, decided_on DATE, last_mark_on DATE, target_key UBIGINT, stretch_on DATE
);
