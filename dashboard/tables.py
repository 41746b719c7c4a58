"""The tables of a publication as readers may ask for them: which there are, what may be filtered, and the composed statement.

The one place where a table's or column's name goes into SQL: always the name as the publication lists it, quoted, never the text of a
request.
"""

import datetime as dt
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from dashboard.errors import NotPublishedError
from dashboard.parameters import bad_value
from dashboard.queries import Row
from dashboard.snapshots import Snapshot

FILTERS = (
    "unit_id",
    "core_task_id",
    "indicator_id",
    "indicator_version",
    "version",
    "cohort",
    "cohort_start",
    "attribution",
    "output_id",
    "amount_id",
    "event_type",
    "period",
    "period_start",
    "kind",
    "cost_class",
    "currency",
    "price_year",
    "level",
    "parent_id",
    "state",
    "verdict",
    "evidence_level",
    "source",
    "check",
    "time",
    "time_unit",
    "from_core_task_id",
    "to_core_task_id",
    "valid_from",
    "changed_on",
    "change",
    "other_unit_id",
    "break_on",
    "reference_id",
    "term",
    "step",
    "from_unit_id",
    "to_unit_id",
    "value_id",
    "index_id",
    "year",
    "measure",
    "payer",
    "comparison_id",
    "method",
)
"""Published dimensions: filtering on anything else could take a suppressed figure apart."""


@dataclass(frozen=True)
class Table:
    """One table of the publication: its columns with types, what each means, and which may be filtered."""

    name: str
    columns: dict[str, str]
    comments: dict[str, str | None]

    @property
    def filters(self) -> tuple[str, ...]:
        """The columns that a request may filter by."""
        return tuple(name for name in FILTERS if name in self.columns)


VIEW_PREFIX = "v_"


def list_tables(snapshot: Snapshot) -> list[Table]:
    """Every table of the publication, by name."""
    comments: dict[str, dict[str, str | None]] = {}
    for row in snapshot.rows("columns"):
        comments.setdefault(row["table_name"], {})[row["column_name"]] = row["comment"]
    return [Table(name, columns, comments[name]) for name, columns in sorted(snapshot.columns.items())]


def find_table(snapshot: Snapshot, name: str) -> Table:
    """The table of that name; NotPublishedError when the publication has none."""
    for table in list_tables(snapshot):
        if table.name == name:
            return table
    raise NotPublishedError("there is no such table in this publication; /api/v1/tables lists them", "error.not_found")


def count_rows(snapshot: Snapshot, table: Table, filters: dict[str, str]) -> int:
    """How many rows the filters leave."""
    where, values = _where(table, filters)
    return int(_ask(snapshot, f"SELECT count(*) AS n FROM {_quoted(table.name)}{where}", values)[0]["n"])  # noqa: S608 - listed names, bound values


def select_rows(snapshot: Snapshot, table: Table, filters: dict[str, str], *, limit: int, offset: int = 0) -> list[Row]:
    """One page of rows in a stable order (the publication's own)."""
    where, values = _where(table, filters)
    sql = f"SELECT * FROM {_quoted(table.name)}{where} ORDER BY {_order(table)} LIMIT ? OFFSET ?"  # noqa: S608 - listed names, bound values
    return _ask(snapshot, sql, [*values, limit, offset], cap=limit)


def select_columns(snapshot: Snapshot, table: Table, filters: dict[str, str], *, limit: int) -> pa.Table:
    """The same rows as columns, for a file."""
    where, values = _where(table, filters)
    sql = f"SELECT * FROM {_quoted(table.name)}{where} ORDER BY {_order(table)} LIMIT ?"  # noqa: S608 - listed names, bound values
    return snapshot.columns_of(sql, [*values, limit])


def _order(table: Table) -> str:
    """The publication's own order; a view has none of its own."""
    return "ALL" if table.name.startswith(VIEW_PREFIX) else "rowid"


def _ask(snapshot: Snapshot, sql: str, values: list[Any], cap: int = 1) -> list[Row]:
    return snapshot.ask(sql, values, cap)


def _where(table: Table, filters: dict[str, str]) -> tuple[str, list[Any]]:
    parts = [f"{_quoted(name)} = ?" for name in filters]
    return (" WHERE " + " AND ".join(parts) if parts else ""), [_bound(name, value, table.columns[name]) for name, value in filters.items()]


def _bound(name: str, value: str, data_type: str) -> Any:
    """A filter's value as the column's type, so that a wrong one is the reader's mistake and not the database's."""
    if data_type.startswith(("VARCHAR", "DATE", "TIMESTAMP")):
        return _bound_date(name, value) if data_type == "DATE" else value
    try:
        number = float(value)
    except ValueError:
        raise bad_value(name, "a number") from None
    if number != number or abs(number) >= 2**53:
        raise bad_value(name, "a number of ordinary size")
    return int(number) if number.is_integer() else number


def _bound_date(name: str, value: str) -> Any:
    try:
        return dt.date.fromisoformat(value)
    except ValueError:
        raise bad_value(name, "a date such as 2025-03-31") from None


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
