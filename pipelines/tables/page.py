"""docs/tables.md: the page of tables for BI teams, generated."""

from pipelines.tables import THEMES, Column, Table

_INTRO = """# The published tables

Written by `python -m pipelines.tables > docs/tables.md`. The same text stands as comments in the DuckDB file and as metadata in Parquet.
Money is oere (1/100 of the currency's unit) in whole numbers. A null is never a zero: `state` and `reason` say what it is. Key columns are
marked with `*`.

Privacy: `-` is not of persons; `aggregate` is counted over persons and empty where suppression hides what it rests on; `follows` are words,
dates or yes/no that follow from such figures. No row is of one person.
"""

_SHORT = {"not personal": "-", "aggregate of persons": "aggregate", "follows from aggregates": "follows"}


def markdown() -> str:
    """Every table by theme, with its grain and columns."""
    lines = _INTRO.splitlines()
    lines += ["", "Themes: " + "; ".join(f"{theme} ({len(tables)})" for theme, tables in THEMES.items()) + ".", ""]
    for theme, tables in THEMES.items():
        lines += [f"# {theme}", ""]
        for table in tables:
            lines += _table(table)
    return "\n".join(lines)


def _table(table: Table) -> list[str]:
    head = [f"## {table.name}", "", f"One row per {table.grain}. {table.about}", ""]
    rows = [_row(table, column) for column in table.columns]
    return [*head, "| column | type | unit | privacy | meaning |", "|---|---|---|---|---|", *rows, ""]


def _row(table: Table, column: Column) -> str:
    mark = "*" if column.name in table.key else ""
    unit = column.unit.name if column.unit else ""
    meaning = column.comment.replace("|", "/")
    return f"| `{column.name}`{mark} | {column.type} | {unit} | {_SHORT[column.privacy or '']} | {meaning} |"
