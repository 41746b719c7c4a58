"""Figures in the organisation of today (ADR 18): all history of a unit stands at its heir and under today's parents.

The tables `..._as_is` hold them beside the organisation as it was. The very same statements make both, over other placements; the
second time into a mart of their own, of which only what is asked for is kept.
"""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager

import duckdb
import pyarrow as pa

from pipelines.organisation import Organisation, make_table
from pipelines.sql_texts import sql
from pipelines.tables import ALL_UNITS, BY_NAME, TABLES, Column

KEPT = ("effect_by_unit", "effect_per_krone")
"""Tables that are made again; `cost_by_unit` is summed up anew, since money has nothing to hide."""


def load_today(connection: duckdb.DuckDBPyConnection, organisation: Organisation, day: dt.date) -> bool:
    """Make `line_today` (placement -> members as of a day), `heir`, and `moved`: what each unit gains or loses by it. Whether any does."""
    placements = connection.execute("SELECT placement, unit_id FROM placement ORDER BY placement").fetchall()
    lines = {unit: organisation.line_as_is(unit, day) for _, unit in placements}
    members = [(number, member) for number, unit in placements for member in (*lines[unit], ALL_UNITS)]
    make_table(connection, "line_today", members, [("placement", pa.int32()), ("unit_id", pa.string())])
    heirs = [(unit, line[0]) for unit, line in sorted(lines.items())]
    make_table(connection, "heir", heirs, [("unit_id", pa.string()), ("heir_id", pa.string())])
    connection.execute(sql("as_is_moved"))
    return bool(connection.execute("SELECT count(*) > 0 FROM moved").fetchall()[0][0])


@contextmanager
def another_mart(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """Within it, `mart` is an empty one in memory, and working tables are made in a schema of their own, with today's `placement_unit`."""
    (path,) = connection.execute("SELECT path FROM duckdb_databases() WHERE database_name = 'mart'").fetchall()[0]
    connection.execute("CHECKPOINT mart")
    connection.execute("DETACH mart")
    connection.execute("ATTACH ':memory:' AS mart")
    connection.execute("CREATE SCHEMA as_is")
    connection.execute("SET search_path = 'as_is,main'")
    try:
        for table in TABLES:
            connection.execute(table.ddl)
        connection.execute("CREATE VIEW placement_unit AS FROM line_today")
        yield
        for name in KEPT:
            connection.execute(f"CREATE TABLE main.{name}_today AS FROM mart.{name}")
    finally:
        connection.execute("RESET search_path")
        connection.execute("DETACH mart")
        connection.execute("ATTACH '" + path.replace("'", "''") + "' AS mart")


def publish_today(connection: duckdb.DuckDBPyConnection, k: int) -> None:
    """Fill the tables `..._as_is`: what did not change is as it was; what did is shown where nothing hidden follows from the difference.

    Needs `moved` and the tables kept by `another_mart`.
    """
    connection.execute(sql("as_is_part"), {"k": k})
    connection.execute(sql("as_is_shown"))
    for name in KEPT:
        _fill(connection, name, k)
    connection.execute("UPDATE mart.effect_by_unit_as_is SET unit_changes = NULL WHERE unit_changes IS NOT NULL")


def publish_as_it_was(connection: duckdb.DuckDBPyConnection) -> None:
    """Fill the tables `..._as_is` where the organisation never changed: they say the same."""
    for name in KEPT:
        connection.execute(f"INSERT INTO mart.{name}_as_is BY NAME {_as_was(name)}")


def sum_costs(connection: duckdb.DuckDBPyConnection) -> None:
    """Fill `cost_by_unit_as_is`: the rows of `cost_by_unit`, each at the unit that took over."""
    columns = [column for column in BY_NAME["cost_by_unit"].columns if column.name != "unit_id"]
    summed = ", ".join(_summed(column) for column in columns)
    connection.execute(
        f"INSERT INTO mart.cost_by_unit_as_is BY NAME SELECT coalesce(heir_id, unit_id) AS unit_id, {summed}"  # noqa: S608 - our own names
        " FROM mart.cost_by_unit LEFT JOIN heir USING (unit_id) GROUP BY ALL ORDER BY ALL"
    )


def _summed(column: Column) -> str:
    """Money is summed, null where part of it is; what else the key does not hold is the same in all rows of a key."""
    if column.name.endswith("_ore"):
        return f'CASE WHEN count(*) = count("{column.name}") THEN sum("{column.name}")::BIGINT END AS "{column.name}"'
    if column.name in BY_NAME["cost_by_unit"].key or column.name.startswith("period"):
        return f'"{column.name}"'
    return f'min("{column.name}") AS "{column.name}"'


def _as_was(name: str) -> str:
    rule = " WHERE attribution = 'lead'" if name == "effect_per_krone" else ""
    return f"SELECT * FROM mart.{name}{rule}"  # noqa: S608 - our own names


def _fill(connection: duckdb.DuckDBPyConnection, name: str, k: int) -> None:
    """Rows of units that hold what they held; rows of the others as of today; of those that must stay hidden, that they do."""
    keys = ", ".join(f'"{column.name}"' for column in BY_NAME[name].columns if column.rests_on is None or column.rests_on == "nobody")
    told = ", ".join(part for part in keys.split(", ") if part not in ('"state"', '"reason"'))
    connection.execute(
        f"INSERT INTO mart.{name}_as_is BY NAME {_as_was(name)}"  # noqa: S608 - our own names
        f"{' AND' if 'WHERE' in _as_was(name) else ' WHERE'} unit_id NOT IN (SELECT unit_id FROM moved)"
    )
    today = f"FROM {name}_today SEMI JOIN (FROM moved) AS moved USING (unit_id)"
    key = "USING (unit_id, indicator_id, indicator_version, cohort)"
    whole = "(FROM as_is_hidden WHERE whole) AS as_is_hidden"
    connection.execute(f"INSERT INTO mart.{name}_as_is BY NAME SELECT * {today} ANTI JOIN {whole} {key}")
    reason = f"fewer than {k} persons behind what moved, or behind a figure of the organisation as it was"
    connection.execute(
        f"INSERT INTO mart.{name}_as_is BY NAME SELECT {told}, 'suppressed' AS state, $reason AS reason {today} SEMI JOIN {whole} {key}",
        {"reason": reason},
    )
    beside = [column.name for column in BY_NAME[name].columns if column.rests_on not in (None, "nobody", "share")]
    if beside:
        emptied = ", ".join(f'"{column}" = NULL' for column in beside)
        connection.execute(
            f"UPDATE mart.{name}_as_is AS shown SET {emptied}, hidden = $hidden FROM as_is_hidden AS part"  # noqa: S608 - our own names
            " WHERE NOT part.whole AND part.unit_id = shown.unit_id AND part.indicator_id = shown.indicator_id"
            " AND part.indicator_version = shown.indicator_version AND part.cohort = shown.cohort"
            " AND shown.unit_id IN (SELECT unit_id FROM moved)",
            {"hidden": ",".join(beside)},
        )
