"""A publication held against the one before it: in how many cells the difference of two counts tells of 1 to k - 1 persons (ADR 31).

A reader keeps every publication and takes one from the next. Here such cells are counted, in every table that counts persons or records,
and said: by the gate (`checks_drift.py`), in the manifest, on the page. They are not hidden.
"""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import duckdb

from pipelines.database import quoted
from pipelines.tables import TABLES, Column, Table
from pipelines.tables.columns import NOBODY

COUNTS_OF: Final = ("records", "persons")
"""Units (`tables/meanings.py`) of the columns that are held against each other; shares, estimates and ratios follow from them."""

WITHIN: Final[dict[str, tuple[str, ...]]] = {
    "effect_by_unit": ("denominator - achieved", "matured - denominator", "cohort_size - denominator"),
}
"""Counts that a reader gets by taking one column of a row from another, and that no column has by itself."""
WITHIN["effect_by_unit_as_is"] = WITHIN["effect_by_unit"]

INPUT: Final = ("data_quality",)
"""Tables that count what was read, of no unit's persons."""


@dataclass(frozen=True)
class Changed:
    """Cells of one table that stand in both publications.

    compared      how many there are
    few_changed   of these, in how many a count shown in both differs by 1 to k - 1
    shown_before  of these, in how many a count was shown and is hidden now: what it was then is still known
    """

    compared: int
    few_changed: int
    shown_before: int


def counts_of(table: Table) -> tuple[str, ...]:
    """SQL names and differences of columns in a table's rows that count persons or records."""
    if table.name in INPUT:
        return ()
    named = tuple(f'"{column.name}"' for column in table.columns if _counts(column))
    return (*named, *WITHIN.get(table.name, ())) if named else ()


def compared_tables() -> tuple[Table, ...]:
    """Tables that are held against those of the publication before."""
    return tuple(table for table in TABLES if counts_of(table))


def changed_cells() -> str:
    """SQL: `changed_by_unit` of every such table."""
    return " UNION ALL ".join(map(changed_by_unit, compared_tables()))


def changed_by_unit(table: Table) -> str:
    """SQL: one row per unit of a table, of the publications attached as `mart` and `before`; asks for `$k`. Names are our own."""
    unit = 'now."unit_id"' if "unit_id" in table.key else "NULL::VARCHAR"
    same = " AND ".join(f'now."{name}" IS NOT DISTINCT FROM old."{name}"' for name in table.key)
    few = " OR ".join(f"abs({_of('now', count)} - ({_of('old', count)})) BETWEEN 1 AND $k - 1" for count in counts_of(table))
    return f"""
        SELECT '{table.name}' AS table_name, {unit} AS unit_id, count(*) AS compared,
            count_if(coalesce({few}, false))::BIGINT AS few_changed,
            count_if(coalesce({_shown_before(table)}, false))::BIGINT AS shown_before
        FROM mart."{table.name}" AS now
        INNER JOIN before."{table.name}" AS old ON {same}
        GROUP BY ALL
        HAVING count(*) > 0
    """  # noqa: S608 - names are our own


def held_against(mart: Path, before: Path | None, k: int) -> dict[str, Any] | None:
    """What a manifest says of the publication before: its version, and `Changed` in all and table by table.

    before   the mart of that publication; None: there is none, and nothing to say
    Where that publication was made by a program with other tables, the counts are null: they cannot be told.
    """
    if before is None:
        return None
    try:
        found = changed(mart, before, k)
    except duckdb.Error:
        return {"version": before.parent.name, "k": k, "compared": None, "few_changed": None, "shown_before": None, "tables": {}}
    whole = Changed(*(sum(getattr(one, name) for one in found.values()) for name in ("compared", "few_changed", "shown_before")))
    return {"version": before.parent.name, "k": k} | asdict(whole) | {"tables": {name: asdict(one) for name, one in found.items()}}


def changed(mart: Path, before: Path, k: int) -> dict[str, Changed]:
    """Name of each table with cells in both marts -> how many of them changed by few."""
    with duckdb.connect() as connection:
        for name, file in (("mart", mart), ("before", before)):
            connection.execute(f"ATTACH {quoted(file)} AS {name} (READ_ONLY)")
        connection.execute(f"CREATE TEMP TABLE changed AS {changed_cells()}", {"k": k})
        rows = connection.execute(
            "SELECT table_name, sum(compared)::BIGINT, sum(few_changed)::BIGINT, sum(shown_before)::BIGINT"
            " FROM changed GROUP BY table_name ORDER BY table_name"
        ).fetchall()
    return {name: Changed(*counts) for name, *counts in rows}


def _counts(column: Column) -> bool:
    return column.is_number and column.rests_on != NOBODY and column.unit is not None and column.unit.name in COUNTS_OF


def _of(side: str, count: str) -> str:
    """A count, or a difference of two, of one of the publications."""
    return " - ".join(f"{side}.{name}" for name in count.split(" - "))


def _shown_before(table: Table) -> str:
    """When a count of a row was shown and is suppressed now. That it is missing for another reason tells nothing new."""
    names = {column.name for column in table.columns}
    hidden = [f'now."{name}" {test}' for name, test in (("state", "= 'suppressed'"), ("hidden", "IS NOT NULL")) if name in names]
    gone = " OR ".join(f"({_of('now', count)} IS NULL AND {_of('old', count)} IS NOT NULL)" for count in counts_of(table))
    return f"({' OR '.join(hidden)}) AND ({gone})" if hidden else "false"
