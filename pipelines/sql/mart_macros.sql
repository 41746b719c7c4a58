-- mart_macros.sql  periods of a grid, and completed units of time
-- `grid` is month, quarter, half_year, year or all; under `all` there is one period without dates, named `all`.

CREATE MACRO period_start(day, grid) AS CASE grid
    WHEN 'month' THEN date_trunc('month', day)::DATE
    WHEN 'quarter' THEN date_trunc('quarter', day)::DATE
    WHEN 'half_year' THEN make_date(year(day), CASE WHEN month(day) <= 6 THEN 1 ELSE 7 END, 1)
    WHEN 'year' THEN make_date(year(day), 1, 1)
END;

CREATE MACRO period_end(start, grid) AS CASE grid
    WHEN 'month' THEN last_day(start)
    WHEN 'quarter' THEN (start + INTERVAL 3 MONTH - INTERVAL 1 DAY)::DATE
    WHEN 'half_year' THEN (start + INTERVAL 6 MONTH - INTERVAL 1 DAY)::DATE
    WHEN 'year' THEN make_date(year(start), 12, 31)
END;

CREATE MACRO period_label(start, grid) AS CASE grid
    WHEN 'month' THEN strftime(start, '%Y-%m')
    WHEN 'quarter' THEN strftime(start, '%Y') || '-Q' || quarter(start)
    WHEN 'half_year' THEN strftime(start, '%Y') || CASE WHEN month(start) = 1 THEN '-H1' ELSE '-H2' END
    WHEN 'year' THEN strftime(start, '%Y')
    ELSE 'all'
END;

-- A month is complete on the same day of a later month, or on that month's last day where it has no such day (31 January + P1M).
CREATE MACRO completed_months(first_day, last) AS
    (year(last) - year(first_day)) * 12 + month(last) - month(first_day)
    - CASE WHEN day(last) < day(first_day) AND last <> last_day(last) THEN 1 ELSE 0 END;

CREATE MACRO completed_units(first_day, last, time_unit) AS CASE time_unit
    WHEN 'day' THEN last - first_day
    WHEN 'week' THEN (last - first_day) // 7
    WHEN 'month' THEN completed_months(first_day, last)
END;

-- A count below k but not zero; k = 1 makes nothing small.
CREATE MACRO is_small(n, k) AS n > 0 AND n < k;
