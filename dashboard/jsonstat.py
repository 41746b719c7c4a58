"""A table as a JSON-stat 2.0 dataset (https://json-stat.org/full/): its key columns are dimensions, its figures the values of one more."""

import datetime as dt
import math
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Final

from dashboard.errors import ReaderError
from dashboard.queries import Row
from dashboard.tables import Table
from pipelines.tables import BY_NAME

MEASURE: Final = "figure"
"""The dimension of figures; some tables have a column `measure` of their own."""
NOT_STATED: Final = "(none)"
"""The category of a row whose key column is empty."""
MOST_CELLS: Final = 5_000_000
"""Readers unfold the whole cube, so it must not be much larger than what is in it."""
_NUMBERS = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UBIGINT", "DECIMAL", "FLOAT", "DOUBLE")
_TIMES = frozenset({"cohort", "cohort_start", "period", "period_start", "time", "year"})


class NoCubeError(ReaderError):
    """A table or selection that is no cube of figures."""


class CubeTooLargeError(ReaderError):
    """The cube would be too large to unfold."""

    status = 413


def dataset(table: Table, rows: Sequence[Row], notes: list[str], manifest: dict[str, Any]) -> dict[str, Any]:
    """The rows as one dataset. Only cells with a figure have a value; those of rows that are not final have their state as status."""
    known = BY_NAME.get(table.name)
    keys = [name for name in (known.key if known else ()) if name in table.columns]
    measures = [name for name, kind in table.columns.items() if kind.startswith(_NUMBERS) and name not in keys]
    if not keys or not measures:
        raise NoCubeError("this table holds no figures by dimensions; take it as csv, xlsx or parquet", "error.no_cube")
    categories = {key: sorted({_category(row[key]) for row in rows}) for key in keys} | {MEASURE: measures}
    sizes = [len(found) for found in categories.values()]
    if math.prod(sizes) > MOST_CELLS:
        raise CubeTooLargeError("the cube of this selection is too large; narrow it by a filter", "error.too_many_rows")
    places = {name: {category: place for place, category in enumerate(found)} for name, found in categories.items()}
    values, status = _cells(rows, keys, measures, places, sizes)
    return {
        "version": "2.0",
        "class": "dataset",
        "label": f"{table.name}: {known.about if known else ''}",
        "source": str((manifest.get("municipality") or {}).get("id") or "kerneeffekt"),
        "updated": str(manifest.get("published_at") or manifest.get("as_of") or ""),
        "note": notes,
        "id": list(categories),
        "size": sizes,
        "role": _roles(keys),
        "dimension": {name: _dimension(table, name, found) for name, found in categories.items()},
        "value": values,
        **({"status": status} if status else {}),
    }


def _cells(
    rows: Sequence[Row], keys: list[str], measures: list[str], places: dict[str, dict[str, int]], sizes: list[int]
) -> tuple[dict[str, Any], dict[str, str]]:
    """Values and states by their place in the cube, row-major."""
    values: dict[str, Any] = {}
    status: dict[str, str] = {}
    for row in rows:
        start = 0
        for key, size in zip(keys, sizes, strict=False):
            start = start * size + places[key][_category(row[key])]
        for measure in measures:
            cell, value = str(start * sizes[-1] + places[MEASURE][measure]), _number(row[measure])
            if value is not None:
                values[cell] = value
            elif row.get("state") not in (None, "final"):
                status[cell] = str(row["state"])
    return values, status


def _dimension(table: Table, name: str, categories: list[str]) -> dict[str, Any]:
    labels = {category: table.comments.get(category) or category for category in categories} if name == MEASURE else None
    label = name if name == MEASURE else f"{name}: {table.comments.get(name) or ''}"
    return {"label": label, "category": {"index": categories, "label": labels or dict(zip(categories, categories, strict=True))}}


def _roles(keys: list[str]) -> dict[str, list[str]]:
    found = {"time": [key for key in keys if key in _TIMES], "geo": [key for key in keys if key == "unit_id"], "metric": [MEASURE]}
    return {role: names for role, names in found.items() if names}


def _category(value: Any) -> str:
    if value is None:
        return NOT_STATED
    return value.isoformat() if isinstance(value, dt.date) else str(value)


def _number(value: Any) -> int | float | None:
    if value is None or isinstance(value, bool) or (isinstance(value, float) and not math.isfinite(value)):
        return None
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value if isinstance(value, int | float) else None
