"""The table `work_conditions`: staff surveys, registered time and involvement, beside the effect of the same unit and period."""

from collections.abc import Callable

import duckdb
import numpy as np
import pyarrow as pa

from outcomes.differences import limits_of_mean

CONDITION_TYPES = ("organisation.staff_surveyed", "organisation.time_registered", "experience.involvement_rated")
"""Event types that tell of it: their units are units of the organisation as well."""


def make_conditions(connection: duckdb.DuckDBPyConnection, run: Callable[[str], None]) -> None:
    """Fill `work_conditions`. Needs `placement`, `placement_unit`, `cohort_grid`, `lead_indicator` and the filled `effect_by_unit`."""
    run("mart_condition_told")
    run("mart_condition")
    connection.execute(
        "CREATE TABLE numbered_condition AS"
        " SELECT row_number() OVER (ORDER BY unit_id, grid, cohort_start, measure) AS condition_no, * FROM condition"
    )
    found = connection.execute(
        "SELECT condition_no, n::DOUBLE AS n, mean, squares FROM numbered_condition WHERE asked = 'citizens' ORDER BY condition_no"
    ).fetchnumpy()
    n, mean, squares = (np.asarray(found[name], dtype=np.float64) for name in ("n", "mean", "squares"))
    low, high = limits_of_mean(n, mean, squares)
    rows = pa.table(
        {
            "condition_no": pa.array(np.asarray(found["condition_no"], dtype=np.int64)),
            "low": pa.array(low, mask=np.isnan(low)),
            "high": pa.array(high, mask=np.isnan(high)),
        }
    )
    connection.register("incoming", rows)
    connection.execute("CREATE TABLE condition_limits AS FROM incoming")
    connection.unregister("incoming")
    run("mart_work_conditions")
