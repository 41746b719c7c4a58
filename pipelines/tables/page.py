"""docs/tables.md: the page of tables for BI teams, generated."""

from pipelines.tables import THEMES, Column, Table
from pipelines.tables.views import VIEWS, View

_INTRO = """# The published tables

Written by `python -m pipelines.tables > docs/tables.md`. The same text stands as comments in the DuckDB file and as metadata in Parquet.
Money is oere (1/100 of the currency's unit) in whole numbers. A null is never a zero: `state` and `reason` say what it is. Key columns are
marked with `*`.

Privacy: `-` is not of persons; `aggregate` is counted over persons and empty where suppression hides what it rests on; `follows` are words,
dates or yes/no that follow from such figures. No row is of one person.
"""

_HEADINGS = ("| column | type | unit | privacy | meaning |", "|---|---|---|---|---|")
_SHORT = {"not personal": "-", "aggregate of persons": "aggregate", "follows from aggregates": "follows"}


def markdown() -> str:
    """Every table by theme, with its grain and columns."""
    lines = _INTRO.splitlines()
    lines += [
        "",
        "Themes: " + "; ".join(f"{theme} ({len(tables)})" for theme, tables in THEMES.items()) + f"; usual questions ({len(VIEWS)} views).",
        "",
    ]
    for theme, tables in THEMES.items():
        lines += [f"# {theme}", ""]
        for table in tables:
            lines += _table(table)
    lines += [
        "# Usual questions",
        "",
        "Views over the tables above, in the DuckDB file and in PostgreSQL. A view has no order: sort as said.",
        "",
    ]
    for view in VIEWS:
        lines += _view(view)
    return "\n".join(lines)


def _table(table: Table) -> list[str]:
    head = [f"## {table.name}", "", f"One row per {table.grain}. {table.about}", ""]
    return [*head, *_HEADINGS, *(_row(column, column.name in table.key) for column in table.columns), ""]


def _view(view: View) -> list[str]:
    head = [f"## {view.name}", "", f"{view.question} {view.about} Sort by `{view.order}`.", ""]
    return [*head, *_HEADINGS, *(_row(column, False) for column in view.columns), ""]


def _row(column: Column, is_key: bool) -> str:
    mark = "*" if is_key else ""
    unit = column.unit.name if column.unit else ""
    meaning = column.comment.replace("|", "/")
    return f"| `{column.name}`{mark} | {column.type} | {unit} | {_SHORT[column.privacy or '']} | {meaning} |"
