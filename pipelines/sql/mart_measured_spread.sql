-- mart_measured_spread.sql  the parts of what was measured in every cell: unit, ancestor or `(all)`, in every period
-- reads    measured_part, spread, cell
-- grain    one row per part and cell that holds it, in order of cell, placement and period: sums over them run in that order
SELECT cell.cell_id, part.n, part.mean, part.mean_baseline, part.m2
FROM measured_part AS part
JOIN spread ON spread.placement = part.placement AND spread.period_start IS NOT DISTINCT FROM part.period_start
JOIN cell ON cell.position = part.position AND cell.place = spread.place
ORDER BY cell.cell_id, part.part_no;
