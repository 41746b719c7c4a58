"""The published tables: one source for their columns, types, meanings, units and privacy.

The mart is created from it, DuckDB and Parquet carry its comments, the data contract (`pipelines/contract.py`) and the quality gate's
suites are generated from it, and `python -m pipelines.tables > docs/tables.md` writes the documentation. A table stands in the module of
its theme; what the name of a column tells wherever it stands is in `meanings.py`.
"""

from pipelines.tables import activity, comparisons, dimensions, effects, expected, money, per_krone, record
from pipelines.tables.columns import (
    ALL_UNITS,
    CELL_PARTS,
    NOBODY,
    RESTS_ON,
    ROW,
    UNALLOCATED,
    UNMAPPED,
    UNMATCHED,
    Column,
    Table,
)
from pipelines.tables.meanings import STATES

__all__ = [
    "ALL_UNITS",
    "BY_NAME",
    "CELL_PARTS",
    "NOBODY",
    "RESTS_ON",
    "ROW",
    "STATES",
    "TABLES",
    "THEMES",
    "UNALLOCATED",
    "UNMAPPED",
    "UNMATCHED",
    "VOLATILE",
    "Column",
    "Table",
]

_AS_WAS: tuple[Table, ...] = (
    *dimensions.TABLES,
    *effects.TABLES,
    *expected.TABLES,
    *money.TABLES,
    *activity.TABLES,
    *per_krone.TABLES,
    *comparisons.TABLES,
    *record.TABLES,
)


def _as_is(name: str) -> Table:
    """The same table in the organisation of `as_of`."""
    made = next(table for table in _AS_WAS if table.name == name)
    about = (
        f"As {name}, in the organisation of as_of: all history of a merged unit stands at the unit that took over, and every unit under its"
        " parents of that day, so that no figure jumps because the organisation did."
    )
    rule = " Attribution rule lead only." if "attribution" in made.key else ""
    return Table(f"{name}_as_is", made.grain, about + rule, made.columns, made.key)


_AS_IS = (_as_is("effect_by_unit"), _as_is("effect_per_krone"), _as_is("cost_by_unit"))

TABLES: tuple[Table, ...] = (*_AS_WAS, *_AS_IS)

THEMES: dict[str, tuple[Table, ...]] = {
    "What the figures are of": dimensions.TABLES,
    "Effects": effects.TABLES,
    "What was expected": expected.TABLES,
    "Money": money.TABLES,
    "Activity and conditions": activity.TABLES,
    "Effect per krone": per_krone.TABLES,
    "Comparisons": comparisons.TABLES,
    "The record": record.TABLES,
    "In the organisation of today": _AS_IS,
}
"""The tables by theme, in the order of the documentation."""

BY_NAME = {table.name: table for table in TABLES}

VOLATILE = frozenset({"snapshot_id"})
"""Columns that a table's canonical hash leaves out: they name the publication, not the world."""
