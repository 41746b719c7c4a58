"""A table of the publication as a file: CSV, Excel, Parquet, Arrow or JSON-stat, each with its definitions and its notes on what is hidden.

The whole selection or nothing: one that is too large is refused with a word on what to do, never cut off in silence.
"""

import io
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq
import xlsxwriter

from dashboard.csv_export import neutralise, write_csv
from dashboard.jsonstat import dataset
from dashboard.snapshots import Snapshot
from dashboard.tables import Table
from pipelines.tables import BY_NAME

TEXTS_STAY_TEXTS: Final = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "remove_timezone": True,
}


@dataclass(frozen=True)
class Asked:
    """How a file is wanted.

    dialect  of CSV
    bare     CSV without notes and definitions, for programs that read the first line as the head
    notice   what a reader should know of the publication, such as that it is stale; None: nothing
    """

    dialect: str = "comma"
    bare: bool = False
    notice: str | None = None


Write = Callable[[Snapshot, Table, pa.Table, Asked], bytes]


@dataclass(frozen=True)
class Format:
    """One kind of file: its media type, the most rows that it takes, and what writes it."""

    media_type: str
    most_rows: int
    write: Write


def notes(snapshot: Snapshot, table: Table, notice: str | None = None) -> list[tuple[str, str]]:
    """What stands in every file: where it is from, as of when, what is hidden and how that shows."""
    manifest = snapshot.manifest
    municipality = manifest.get("municipality") or {}
    known = BY_NAME.get(table.name)
    k = municipality.get("k") or manifest.get("k") or 5
    name = municipality.get("name")
    said = {
        "table": table.name,
        "about": known.about if known else "",
        "grain": f"one row per {known.grain}" if known else "",
        "municipality": str(name.get("en") or name.get("da")) if isinstance(name, dict) else str(name or ""),
        "invented": "yes: nobody in these data exists" if manifest.get("invented") else "",
        "publication": snapshot.snapshot_id,
        "notice": notice or "",
        "made for": f"{manifest['audience']['id']} only: not to be passed on" if manifest.get("audience") else "",
        "as of": str(manifest.get("as_of") or ""),
        "known at": str(manifest.get("known_at") or ""),
        "hidden": f"figures that rest on 1 to {k - 1} persons, and those that would give them away, are empty; `state` is then suppressed",
        "empty": "no value: hidden, not known yet, or not there; `state` and `reason` say which. Empty is never zero",
        "money": "columns that end in _ore are øre",
    }
    return [(label, text) for label, text in said.items() if text]


def definitions(table: Table) -> list[tuple[str, str, str]]:
    """(column, type, meaning) of every column."""
    return [(name, kind, table.comments[name] or "") for name, kind in table.columns.items()]


def rows_of(content: pa.Table) -> Iterator[dict[str, Any]]:
    """Rows as dictionaries, a stretch at a time."""
    for batch in content.to_batches(max_chunksize=2_000):
        yield from batch.to_pylist()


def _csv(snapshot: Snapshot, table: Table, content: pa.Table, asked: Asked) -> bytes:
    """Notes and definitions as lines that begin with #, which readers of CSV can skip, then the rows."""
    body = "".join(write_csv(list(table.columns), rows_of(content), asked.dialect))
    if asked.bare:
        return body.encode()
    parted, other = (";", ",") if asked.dialect == "semicolon" else (",", ";")
    lines = [f"{label}: {text}" for label, text in notes(snapshot, table, asked.notice)]
    lines += [f"{name} ({kind}): {meaning}" for name, kind, meaning in definitions(table)]
    head = "".join(f"# {' '.join(line.split()).replace(parted, other)}\r\n" for line in lines)
    mark = "\ufeff" if body.startswith("\ufeff") else ""
    return (mark + head + body.removeprefix("\ufeff")).encode()


def _xlsx(snapshot: Snapshot, table: Table, content: pa.Table, asked: Asked) -> bytes:
    """Three sheets: the rows, what each column means, and the notes. No text can be taken for a formula or a link."""
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, TEXTS_STAY_TEXTS) as book:
        bold, day = book.add_format({"bold": True}), book.add_format({"num_format": "yyyy-mm-dd"})
        sheet = book.add_worksheet("data")
        sheet.freeze_panes(1, 0)
        _write_row(sheet, 0, list(table.columns), day, bold)
        n = 0
        for n, row in enumerate(rows_of(content), start=1):
            _write_row(sheet, n, [row[name] for name in table.columns], day)
        sheet.autofilter(0, 0, n, len(table.columns) - 1)
        _write_sheet(book.add_worksheet("definitions"), [("column", "type", "meaning"), *definitions(table)], day, bold)
        _write_sheet(book.add_worksheet("notes"), [("", ""), *notes(snapshot, table, asked.notice)], day, bold)
    return target.getvalue()


def _write_sheet(sheet: Any, rows: Iterable[tuple[str, ...]], day: Any, bold: Any) -> None:
    for number, row in enumerate(rows):
        _write_row(sheet, number, list(row), day, bold if number == 0 else None)


def _write_row(sheet: Any, number: int, values: list[Any], day: Any, style: Any = None) -> None:
    for place, value in enumerate(values):
        if value is None:
            continue
        if hasattr(value, "isoformat"):
            sheet.write_datetime(number, place, value, day)
        elif isinstance(value, bool):
            sheet.write_boolean(number, place, value)
        elif isinstance(value, str):
            sheet.write_string(number, place, neutralise(value)[:32_000], style)
        elif isinstance(value, list | dict):
            sheet.write_string(number, place, neutralise(json.dumps(value, ensure_ascii=False, default=str))[:32_000])
        elif value == value and abs(value) != float("inf"):
            sheet.write_number(number, place, value)


def _described(snapshot: Snapshot, table: Table, content: pa.Table, notice: str | None) -> pa.Table:
    """The same rows with each column's meaning at the column, and the notes at the table."""
    fields = [field.with_metadata({"comment": table.comments[field.name] or ""}) for field in content.schema]
    about = {label.replace(" ", "_"): text for label, text in notes(snapshot, table, notice)}
    about["columns"] = json.dumps({name: meaning for name, _, meaning in definitions(table)}, ensure_ascii=False)
    return content.cast(pa.schema(fields)).replace_schema_metadata(about)


def _parquet(snapshot: Snapshot, table: Table, content: pa.Table, asked: Asked) -> bytes:
    target = io.BytesIO()
    pq.write_table(_described(snapshot, table, content, asked.notice), target, compression="zstd")
    return target.getvalue()


def _arrow(snapshot: Snapshot, table: Table, content: pa.Table, asked: Asked) -> bytes:
    described, target = _described(snapshot, table, content, asked.notice), io.BytesIO()
    with pa.ipc.new_stream(target, described.schema) as stream:
        stream.write_table(described)
    return target.getvalue()


def _jsonstat(snapshot: Snapshot, table: Table, content: pa.Table, asked: Asked) -> bytes:
    made = dataset(
        table, list(rows_of(content)), [f"{label}: {text}" for label, text in notes(snapshot, table, asked.notice)], snapshot.manifest
    )
    return json.dumps(made, ensure_ascii=False, allow_nan=False).encode()


FORMATS: Final[dict[str, Format]] = {
    "csv": Format("text/csv; charset=utf-8", 100_000, _csv),
    "xlsx": Format("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", 50_000, _xlsx),
    "parquet": Format("application/vnd.apache.parquet", 200_000, _parquet),
    "arrow": Format("application/vnd.apache.arrow.stream", 200_000, _arrow),
    "json-stat": Format("application/json", 10_000, _jsonstat),
}
"""By the ending of the file's name."""
