-- decision.sql  whichever came first: the answer, a competing event, a censoring one
-- reads         verdict, indicator, next_mark
-- makes         decision, a view, one row per indicator and index event. On one day competing comes before censored
CREATE OR REPLACE TEMP VIEW decision AS
WITH marked AS (
    SELECT
        v.*, d.held, d.stretch_ref,
        m.mark_on <= v.last_mark_on AND (z.mark_on IS NULL OR m.mark_on <= z.mark_on) AS competes, z.mark_on <= v.last_mark_on AS censors,
        m.mark_on AS competing_on, m.mark_key AS competing_key, z.mark_on AS censored_on, z.mark_key AS censored_key
    FROM verdict v
        JOIN indicator d USING (indicator_no)
        LEFT JOIN next_mark m ON m.index_set = d.index_set AND m.mark_set = d.competing_set AND m.index_key = v.index_key
        LEFT JOIN next_mark z ON z.index_set = d.index_set AND z.mark_set = d.censoring_set AND z.index_key = v.index_key
)
SELECT
    indicator_no, subject_key, index_key, index_on, stretch_ref,
    CASE
        WHEN competes THEN 'competing'
        WHEN censors THEN 'censored'
        WHEN achieved IS NULL THEN 'unmeasured'
        WHEN achieved THEN 'achieved'
        WHEN achieved IS NULL THEN 'unmeasured'
        ELSE 'not_achieved'
    END AS outcome,
    CASE WHEN competes THEN competing_on WHEN censors THEN censored_on ELSE decided_on END AS decided_on,
    CASE WHEN horizon_on IS NULL THEN index_on WHEN held IS NULL THEN horizon_on ELSE (horizon_on + held)::DATE END AS resolves_on,
    CASE WHEN competes THEN competing_key WHEN censors THEN censored_key ELSE target_key END AS decided_by,
    CASE WHEN competes OR censors THEN NULL ELSE stretch_on END AS stretch_on
FROM marked;
