-- mart_reported_part.sql  totals that sources report of units, each at every unit and period that it is counted in
-- reads       src_event (organisation.counts_reported), indicator (kind reported: measure), placement, placement_unit, cohort_grid
-- parameters  $as_of; $grid period grid of the cohorts
-- grain       event x indicator x unit or ancestor x grid
--   told      of several reports of one unit, measure and period the one recorded last
--   longest   a month is left out where the year that holds it is reported as well
--   spread    a report at its unit and every ancestor; left out above a unit that reports the same itself, which stands for all below it
-- A report's cohort is its own period, in the municipality's grid where that is coarser; not over (with the reporting lag): pending
CREATE TABLE reported_part AS
WITH told AS (
    SELECT event_key, unit, code AS measure, json_extract_string(fields, '/period') AS period,
        json_extract(fields, '/numerator')::BIGINT AS numerator, json_extract(fields, '/denominator')::BIGINT AS denominator
    FROM src_event
    WHERE type = 'organisation.counts_reported' AND occurred_on <= $as_of::DATE
    QUALIFY row_number() OVER (
        PARTITION BY unit, code, json_extract_string(fields, '/period') ORDER BY recorded_at DESC, content_hash DESC, event_key DESC
    ) = 1
),
dated AS (
    SELECT
        *, CASE length(period) WHEN 4 THEN 3 WHEN 7 THEN 0 ELSE -1 END AS own_rank,
        (period || CASE length(period) WHEN 4 THEN '-01-01' WHEN 7 THEN '-01' ELSE '' END)::DATE AS first_on
    FROM told
),
bounded AS (
    SELECT *, CASE own_rank WHEN 3 THEN make_date(year(first_on), 12, 31) WHEN 0 THEN last_day(first_on) ELSE first_on END AS last_on
    FROM dated
),
longest AS (
    SELECT *
    FROM bounded AS part
    WHERE NOT EXISTS (
        SELECT 1 FROM bounded AS whole
        WHERE whole.unit = part.unit AND whole.measure = part.measure AND whole.own_rank > part.own_rank
            AND part.first_on BETWEEN whole.first_on AND whole.last_on
    )
),
spread AS (
    SELECT longest.*, placement, placement_unit.unit_id
    FROM longest
    JOIN placement
        ON placement.unit_id = longest.unit AND longest.last_on >= placement.valid_from AND longest.last_on < placement.valid_to
    JOIN placement_unit USING (placement)
),
summed_elsewhere AS (
    SELECT below.event_key, above.unit_id
    FROM spread AS below
    JOIN spread AS above
        ON above.unit = below.unit_id AND above.unit <> below.unit AND above.measure = below.measure
        AND below.first_on BETWEEN above.first_on AND above.last_on
),
ranked(grid, grid_rank) AS (
    VALUES ('month', 0), ('quarter', 1), ('half_year', 2), ('year', 3), ('all', 4)
),
wanted AS (
    SELECT
        indicator.position, spread.*, spread.last_on > indicator.follow_end AS is_pending,
        greatest(spread.own_rank, (SELECT grid_rank FROM ranked WHERE grid = $grid)) AS least_rank
    FROM spread
    ANTI JOIN summed_elsewhere USING (event_key, unit_id)
    JOIN indicator ON indicator.kind = 'reported' AND indicator.measure = spread.measure
    WHERE spread.first_on >= coalesce(indicator.valid_from, DATE '-infinity') AND spread.first_on < coalesce(indicator.valid_to, DATE 'infinity')
)
SELECT
    position, event_key, placement, unit_id, ranked.grid, ranked.grid_rank, period_start(first_on, ranked.grid) AS cohort_start,
    numerator, denominator, is_pending
FROM wanted
JOIN ranked ON ranked.grid_rank = least_rank OR (ranked.grid_rank > least_rank AND ranked.grid IN (SELECT grid FROM cohort_grid));
