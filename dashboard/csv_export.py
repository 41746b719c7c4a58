"""Rows as CSV that a spreadsheet opens without running anything.

A text that a spreadsheet could take for a formula gets an apostrophe in front: leading `= + - @`, tab or carriage return, also after
blanks and after a line break inside the text. Numbers are written as numbers, so a negative amount is unharmed.
"""

import csv
import datetime as dt
import io
import json
import re
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any

from dashboard.queries import Row

_FORMULA = re.compile(r"(\A|[\r\n])(?=[\s\x00\ufeff]*[=+\-@\uff1d\uff0b\uff0d\uff20\t\r])")
DIALECTS = ("comma", "semicolon")
"""`semicolon` is what a Danish spreadsheet opens: semicolons between cells, decimal commas, a byte-order mark."""


def neutralise(text: str) -> str:
    """The text, made harmless to a spreadsheet: an apostrophe before each of its lines that could be taken for a formula."""
    return _FORMULA.sub(r"\1'", text)


def write_csv(columns: list[str], rows: Iterable[Row], dialect: str = "comma") -> Iterator[str]:
    """CSV text, chunk by chunk: a head of column names, then the rows. Empty cell = no value, never zero."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=";" if dialect == "semicolon" else ",", lineterminator="\r\n")
    if dialect == "semicolon":
        buffer.write("\ufeff")
    writer.writerow([neutralise(name) for name in columns])
    for row in rows:
        writer.writerow([_cell(row[name], dialect) for name in columns])
        if buffer.tell() > 65_536:
            yield buffer.getvalue()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue()


def _cell(value: Any, dialect: str) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float | Decimal):
        number = repr(value) if isinstance(value, float) else str(value)
        return number.replace(".", ",") if dialect == "semicolon" else number
    if isinstance(value, dt.date | dt.datetime):
        return value.isoformat()
    return neutralise(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str))
