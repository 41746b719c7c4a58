"""Figures of the measured kinds (change, reduction, experienced) and of reported totals, added to effect_by_unit."""

import duckdb
import numpy as np
import pyarrow as pa

from outcomes.estimators import mean_interval
from pipelines.sql_texts import sql


def show(connection: duckdb.DuckDBPyConnection, k: int) -> None:
    """Add means, their limits, and how many moved which way. Needs `record`, `cell`, `judged` and the rows of effect_by_unit."""
    connection.execute(sql("mart_measured_part"))
    connection.execute(sql("mart_measured_cell"))
    _limits(connection)
    connection.execute(sql("mart_measured_shown"), {"k": k})
    connection.execute(sql("mart_reported_shown"))


def _limits(connection: duckdb.DuckDBPyConnection) -> None:
    """`mean_of`: standard deviation and limits of the mean of every cell, over all cells at once."""
    cells = connection.execute("SELECT cell_id, n, mean, m2 FROM measured_cell ORDER BY cell_id").fetchnumpy()
    sd = np.sqrt(np.divide(cells["m2"], cells["n"] - 1, out=np.full(len(cells["n"]), np.nan), where=cells["n"] > 1))
    low, high = mean_interval(cells["mean"], sd, cells["n"])
    limits = {"sd": sd, "mean_low": low, "mean_high": high}
    rows = pa.table({"cell_id": pa.array(cells["cell_id"])} | {name: pa.array(values, from_pandas=True) for name, values in limits.items()})
    connection.register("incoming", rows)
    connection.execute("CREATE TABLE mean_of AS FROM incoming")
    connection.unregister("incoming")
