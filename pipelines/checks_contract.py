"""Rules of the gate that are generated from the description of the tables: type, nulls, ranges and allowed values of every column.

A suite is a theme of tables; its frame has one row per column, with how many values break what the contract promises of it. What is
counted is worked out by one statement per table, so that six hundred columns cost no more than a few.
"""

from pipelines.checks import Rule, Suite
from pipelines.tables import THEMES, Column, Table

ROUNDING = 1e-9
"""How far a figure may lie beyond its range: what adding up in binary fractions leaves."""

_RULES = {
    "wrong_type": "a column has the type that the contract says",
    "nulls": "a column that is never null has no null",
    "out_of_range": "a number lies in the range of its unit",
    "not_allowed": "a value is one of those that the contract names",
}


def contract_suites() -> tuple[Suite, ...]:
    """One suite per theme of the published tables."""
    rules = tuple(
        Rule("contract", "ExpectColumnValuesToBeBetween", why, {"column": column, "min_value": 0, "max_value": 0})
        for column, why in _RULES.items()
    )
    return tuple(
        Suite(
            "contract_" + theme.lower().replace(" ", "_"), " UNION ALL ".join(map(_profile, tables)), rules, ("table_name", "column_name")
        )
        for theme, tables in THEMES.items()
    )


def broken_column(table: Table, column: Column, rule: str) -> str | None:
    """The SQL condition under which a row breaks a rule of the contract; None where the rule asks nothing of the column.

    Names and values are our own (`pipelines/tables/`); quotes in them are doubled.
    """
    name = f'"{column.name}"'
    if rule == "nulls":
        return f"{name} IS NULL" if table.is_required(column) else None
    if rule == "not_allowed":
        allowed = table.allowed(column)
        return f"{name} NOT IN ({', '.join(map(_text, allowed))})" if allowed else None
    if rule == "out_of_range" and column.unit:
        below = [] if column.unit.low is None else [f"{name} < {column.unit.low - ROUNDING}"]
        above = [] if column.unit.high is None else [f"{name} > {column.unit.high + ROUNDING}"]
        odd = [f"isnan({name}) OR isinf({name})"] if column.type == "DOUBLE" else []
        return " OR ".join([*below, *above, *odd]) or None
    return None


def _profile(table: Table) -> str:
    """SQL: one row per column of a table, counted in one scan."""
    asked = {
        (column.name, rule): condition
        for column in table.columns
        for rule in _RULES
        if (condition := broken_column(table, column, rule)) is not None
    }
    counts = ", ".join(f'count_if({condition}) AS "{column}/{rule}"' for (column, rule), condition in asked.items())
    rows = ", ".join(f"({_text(column.name)}, {_text(column.type)}, {_cells(column, asked)})" for column in table.columns)
    return f"""
        SELECT {_text(table.name)} AS table_name, told.column_name, (held.data_type IS DISTINCT FROM told.type)::INTEGER AS wrong_type,
            told.nulls, told.out_of_range, told.not_allowed
        FROM (SELECT {counts or "0 AS nothing"} FROM mart."{table.name}") AS found,
            LATERAL (VALUES {rows}) AS told (column_name, type, nulls, out_of_range, not_allowed)
        LEFT JOIN (
            SELECT column_name, data_type FROM duckdb_columns() WHERE database_name = 'mart' AND table_name = {_text(table.name)}
        ) AS held ON held.column_name = told.column_name
    """  # noqa: S608 - names are our own


def _cells(column: Column, asked: dict[tuple[str, str], str]) -> str:
    names = (f'found."{column.name}/{rule}"' if (column.name, rule) in asked else "0" for rule in _RULES if rule != "wrong_type")
    return ", ".join(names)


def _text(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
