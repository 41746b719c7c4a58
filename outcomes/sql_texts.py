"""SQL texts, one file per step, read from the package; small tables of definitions; and the one place where a value becomes SQL text."""

import datetime as dt
import math
import re
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files

from models.durations import Duration, Offset

_PLACE = r"/\*(\w+)\*/ (true|0|'')"

Value = str | bool | int | float | dt.date | Duration | Offset | None


@cache
def sql(name: str) -> str:
    """The text of `outcomes/sql/<name>.sql`."""
    return (files("outcomes") / "sql" / f"{name}.sql").read_text(encoding="utf-8")


def literal(value: Value) -> str:
    """A value of the catalogue as an SQL literal that can be nothing else; ValueError for what no literal can hold.

    Every value that reaches a statement of the translation comes through here: a catalogue is data, never SQL.
    """
    match value:
        case None:
            return "NULL"
        case bool():
            return "true" if value else "false"
        case int() | float():
            if not math.isfinite(value):
                raise ValueError("expected a finite number")
            return repr(value) if isinstance(value, int) else f"{value!r}::DOUBLE"
        case str():
            if "\0" in value:
                raise ValueError("expected a text without the character NUL")
            return "'" + value.replace("'", "''") + "'"
        case Duration() | Offset():
            return value.sql
        case dt.date():
            return f"DATE '{value.isoformat()}'"


def filled(name: str, **parts: str) -> str:
    """The text of a file with its marked places filled: `/*place*/` and the word or literal after it give way to the SQL given.

    The files are whole statements that run as they are; the marks say where a compiled condition goes.
    """
    missing = set(parts) - {place for place, _ in re.findall(_PLACE, sql(name))}
    if missing:
        raise KeyError(f"outcomes/sql/{name}.sql has no place for {min(missing)}")
    # One pass over the file's own text, so that a mark inside a value stays a value.
    return re.sub(_PLACE, lambda match: f"({parts[match[1]]})", sql(name))


def table(name: str, columns: Mapping[str, str], rows: Iterable[tuple[Value, ...]]) -> str:
    """A statement that makes a small temporary table of definitions: column name -> SQL type, and its rows."""
    heads = ", ".join(f"CAST(c{n} AS {kind}) AS {column}" for n, (column, kind) in enumerate(columns.items()))
    values = ", ".join("(" + ", ".join(literal(value) for value in row) + ")" for row in rows)
    names = ", ".join(f"c{n}" for n in range(len(columns)))
    if not values:
        values, tail = "(" + ", ".join(["NULL"] * len(columns)) + ")", " WHERE false"
    else:
        tail = ""
    return f"CREATE OR REPLACE TEMP TABLE {name} AS SELECT {heads} FROM (VALUES {values}) AS v({names}){tail};"  # noqa: S608 - literals only
