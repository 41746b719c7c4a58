"""Figures of the measured kinds (change, reduction, experienced) and of reported totals, added to effect_by_unit."""

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from outcomes.estimators import Floats, mean_interval
from pipelines.sql_texts import sql


def make_means(connection: duckdb.DuckDBPyConnection) -> None:
    """`measured_cell` and `mean_of`: what was measured in every cell, and limits of its mean. Needs `record`, `spread` and `cell`."""
    connection.execute(sql("mart_measured_part"))
    _pool(connection)
    connection.execute(sql("mart_measured_cell"))
    _limits(connection)


def show(connection: duckdb.DuckDBPyConnection, k: int) -> None:
    """Add means, their limits, and how many moved which way. Needs what `make_means` makes, `judged` and the rows of effect_by_unit."""
    connection.execute(sql("mart_measured_shown"), {"k": k})
    connection.execute(sql("mart_reported_shown"))


def _pool(connection: duckdb.DuckDBPyConnection) -> None:
    """`measured_mean`: mean, mean baseline and sum of squared differences of every cell, put together from its parts.

    Chan, Golub & LeVeque (1983), Am Stat 37:242-247.
    """
    found = connection.execute(sql("mart_measured_spread")).fetchnumpy()
    parts = {name: np.ma.filled(np.ma.asarray(found[name], dtype=np.float64), np.nan) for name in ("n", "mean", "mean_baseline", "m2")}
    cells, first = np.unique(found["cell_id"], return_index=True)
    size = np.diff(np.append(first, len(found["cell_id"])))
    n = _summed(parts["n"], first)
    mean, baseline = (_summed(parts["n"] * parts[name], first) / n for name in ("mean", "mean_baseline"))
    m2 = _summed(parts["m2"] + parts["n"] * np.square(parts["mean"] - np.repeat(mean, size)), first)
    load_columns(connection, "measured_mean", {"mean": mean, "mean_baseline": baseline, "m2": m2}, cells)


def _summed(values: Floats, first: NDArray[np.int64]) -> Floats:
    """The sum of each stretch that begins at `first`."""
    return np.asarray(np.add.reduceat(values, first), dtype=np.float64) if len(first) else np.empty(0)


def load_columns(connection: duckdb.DuckDBPyConnection, table: str, columns: dict[str, Floats], cells: NDArray[np.int64]) -> None:
    """A table of numbers per cell_id; nan is null."""
    rows = pa.table({"cell_id": pa.array(cells)} | {name: pa.array(values, from_pandas=True) for name, values in columns.items()})
    connection.register("incoming", rows)
    connection.execute(f'CREATE TABLE "{table}" AS FROM incoming')
    connection.unregister("incoming")


def _limits(connection: duckdb.DuckDBPyConnection) -> None:
    """`mean_of`: standard deviation and limits of the mean of every cell, over all cells at once."""
    cells = connection.execute("SELECT cell_id, n, mean, m2 FROM measured_cell ORDER BY cell_id").fetchnumpy()
    sd = np.sqrt(np.divide(cells["m2"], cells["n"] - 1, out=np.full(len(cells["n"]), np.nan), where=cells["n"] > 1))
    low, high = mean_interval(cells["mean"], sd, cells["n"])
    load_columns(connection, "mean_of", {"sd": sd, "mean_low": low, "mean_high": high}, cells["cell_id"])
