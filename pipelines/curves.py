"""Curves and estimates of every cell of every indicator: risk tables out of DuckDB, estimators over whole matrices, and back."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from outcomes.survival import Curve, RiskTable, aalen_johansen, kaplan_meier, risk_table
from pipelines.curve_steps import Steps, tellable_steps
from pipelines.sql_texts import sql

MATRIX_CELLS = 500_000
"""Group x time cells that are worked on at once: some 20 matrices of doubles must fit in memory."""

ESTIMATE_COLUMNS = (
    "position INTEGER, place INTEGER,"
    " estimate DOUBLE, estimate_low DOUBLE, estimate_high DOUBLE, n_events BIGINT, n_competing BIGINT, followed BOOLEAN"
)
CURVE_COLUMNS = (
    "position INTEGER, place INTEGER, time INTEGER,"
    " not_told BOOLEAN, at_risk BIGINT,"
    " events BIGINT, competing BIGINT, censored BIGINT, incidence DOUBLE, incidence_low DOUBLE, incidence_high DOUBLE,"
    " survival DOUBLE, survival_low DOUBLE, survival_high DOUBLE"
)


@dataclass(frozen=True)
class Groups:
    """The cells of one indicator: how each follow-up ended, and the place of each cell."""

    position: int
    method: str
    ends: dict[str, NDArray[np.int64]]
    in_full: NDArray[np.bool_]
    places: NDArray[np.int32]

    @property
    def count(self) -> int:
        """Number of cells."""
        return len(self.places)

    @property
    def times(self) -> int:
        """Columns of the risk tables: the last time at which anybody leaves, and 0."""
        return int(self.ends["time"].max()) + 1 if len(self.ends["time"]) else 0


def make_curves(connection: duckdb.DuckDBPyConnection, indicators: list[tuple[int, str]], k: int, grids: Sequence[str]) -> None:
    """Fill `estimate` (one row per cell) and `curve` (one row per cell and time that may be told, pipelines/curve_steps.py).

    Of a curve that primary suppression hides there is the row of time 0 only, which says so: all else would be made for nothing.
    Needs `follow_up`, `cohort_of`, `placed` and `place`.
    indicators   (position, method) of each computed indicator
    k            smallest count that is shown; cells with fewer follow-ups have neither estimate nor curve
    grids        period grids of which curves are published; the others have estimates only
    """
    connection.execute(f"CREATE TABLE estimate_at ({ESTIMATE_COLUMNS})")
    connection.execute(f"CREATE TABLE curve ({CURVE_COLUMNS})")
    found = connection.execute("SELECT place FROM place WHERE list_contains(?, grid)", [list(grids)]).fetchnumpy()
    for position, method in indicators:
        groups = _read_groups(connection, position, method, k)
        for part in _parts(groups):
            _write(connection, groups, part, k, found["place"])
    connection.execute("CREATE VIEW estimate AS FROM estimate_at JOIN place USING (place)")


def _read_groups(connection: duckdb.DuckDBPyConnection, position: int, method: str, k: int) -> Groups:
    connection.execute(sql("mart_risk"), {"position": position, "k": k})
    found = connection.execute("SELECT cell, place, time, ending, n, in_full FROM risk ORDER BY cell").fetchnumpy()
    ends = {name: np.asarray(found[name], dtype=np.int64) for name in ("cell", "time", "ending", "n")}
    _, first = np.unique(ends["cell"], return_index=True)
    places = np.asarray(found["place"], dtype=np.int32)[first]
    return Groups(position, method, ends, np.asarray(found["in_full"], dtype=bool), places)


def _parts(groups: Groups) -> Iterator[tuple[int, int]]:
    """Ranges of cells whose matrices fit."""
    size = max(1, MATRIX_CELLS // max(groups.times, 1))
    for start in range(0, groups.count, size):
        yield start, min(start + size, groups.count)


def _write(connection: duckdb.DuckDBPyConnection, groups: Groups, part: tuple[int, int], k: int, with_curve: NDArray[np.int32]) -> None:
    """Estimate one range of cells and append its rows. with_curve: places of which a curve is published."""
    start, end = part
    first, last = np.searchsorted(groups.ends["cell"], [start, end])
    ends = {name: values[first:last] for name, values in groups.ends.items()}
    table = risk_table(ends["cell"] - start, ends["time"], ends["ending"], ends["n"], end - start, groups.times)
    curve = (aalen_johansen if groups.method == "aalen_johansen" else kaplan_meier)(table)
    reached = np.zeros(end - start, dtype=bool)
    np.logical_or.at(reached, ends["cell"] - start, groups.in_full[first:last])
    places = groups.places[start:end]
    _append(connection, "estimate_at", groups.position, places, _estimate(table, curve, reached))
    steps = tellable_steps(table, ~_is_hidden(table, curve, reached, k), k)
    steps = steps.only(np.isin(places, with_curve)[steps.cell])
    _append(connection, "curve", groups.position, places[steps.cell], _rows(steps, curve))


def _is_hidden(table: RiskTable, curve: Curve, reached: NDArray[np.bool_], k: int) -> NDArray[np.bool_]:
    """Whether a curve is hidden for what is behind it alone, as `hide_estimate` of disclosure_cell.sql says."""
    counts = np.stack([table.events.sum(axis=1), table.competing.sum(axis=1)])
    everybody = _is_followed(curve, reached) & (curve.incidence[:, -1] >= 1)
    return np.asarray(((counts > 0) & (counts < k)).any(axis=0) | (everybody & (k > 1)))


def _is_followed(curve: Curve, reached: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Whether the follow-up reaches the horizon, or nobody is left in play before."""
    return np.asarray(reached | (curve.survival[:, -1] <= 0))


def _estimate(table: RiskTable, curve: Curve, reached: NDArray[np.bool_]) -> dict[str, pa.Array]:
    """The incidence at the horizon, where the follow-up reaches it or nobody is left in play before."""
    followed = _is_followed(curve, reached)
    return {
        "estimate": _nullable(np.where(followed, curve.incidence[:, -1], np.nan)),
        "estimate_low": _nullable(np.where(followed, curve.incidence_low[:, -1], np.nan)),
        "estimate_high": _nullable(np.where(followed, curve.incidence_high[:, -1], np.nan)),
        "n_events": pa.array(table.events.sum(axis=1)),
        "n_competing": pa.array(table.competing.sum(axis=1)),
        "followed": pa.array(followed),
    }


def _rows(steps: Steps, curve: Curve) -> dict[str, pa.Array]:
    shares = ("incidence", "incidence_low", "incidence_high", "survival", "survival_low", "survival_high")
    return {
        "time": pa.array(steps.time.astype(np.int32)),
        "not_told": pa.array(steps.hidden),
        **{name: pa.array(values) for name, values in steps.counts.items()},
        **{name: _nullable(getattr(curve, name)[steps.cell, steps.time]) for name in shares},
    }


def _nullable(values: NDArray[np.float64]) -> pa.Array:
    """nan is how numpy says "no answer"; the mart says null."""
    return pa.array(values, mask=np.isnan(values))


def _append(
    connection: duckdb.DuckDBPyConnection, table: str, position: int, places: NDArray[np.int32], columns: dict[str, pa.Array]
) -> None:
    rows = pa.table({"position": pa.array(np.full(len(places), position, dtype=np.int32)), "place": pa.array(places)} | columns)
    connection.register("incoming", rows)
    connection.execute(f'INSERT INTO "{table}" BY NAME FROM incoming')
    connection.unregister("incoming")
