"""Named questions to a publication: one SQL file each under `sql/`, values bound, rows capped.

No SQL is put together from a request. A name of a table or column that comes from a request is first found in the publication's own list
(`dashboard/tables.py`), and it is the listed name that is used.
"""

from functools import cache
from pathlib import Path
from typing import Any

SQL_FOLDER = Path(__file__).parent / "sql"
ROW_CAP = 5_000
"""The most rows that any page or answer reads at once."""

Row = dict[str, Any]


@cache
def statement(name: str) -> str:
    """The text of one named question."""
    return (SQL_FOLDER / f"{name}.sql").read_text(encoding="utf-8")
