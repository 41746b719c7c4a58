"""Rows of a CSV file with the line where each begins. What is wrong with one row hides no other."""

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from models.errors import ConfigurationError
from models.mapping import CsvForm
from pipelines.lines import LineFile

MOST_LINES = 100
"""A quotation mark that is opened and not closed within so many lines is a fault of the row that it stands in."""
_UTF8_MARK = b"\xef\xbb\xbf"
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
_MOJIBAKE = ("Ã¦", "Ã¸", "Ã¥", "Ã†", "Ã˜", "Ã…", "Ã\x98", "Ã\x85", "Ã\x86")
"""Danish letters in UTF-8, read as Latin-1 or Windows-1252."""


class Row(NamedTuple):
    """One row: the lines on which it begins (1: the header's) and ends, its cells (none where it cannot be read), what is wrong with it."""

    line: int
    last_line: int
    cells: list[str]
    raw: bytes
    fault: str | None = None


class _UnclosedError(Exception):
    pass


class CsvFile:
    """A CSV file with a header, plain, .gz or .zst. `header` is read at once; iterating gives the rows. A context manager.

    raises  ConfigurationError for a file that is missing, empty, or evidently not in the encoding that the mapping says
    """

    def __init__(self, path: Path, form: CsvForm) -> None:
        self.path, self.form = path, form
        _require_encoding(path, form)
        self._file = LineFile(path)
        self._source = self._decoded()
        self._again: list[tuple[int, bytes, str | None]] = []
        self._taken: list[tuple[int, bytes, str | None]] = []
        first = next(iter(self._rows()), None)
        if first is None or first.fault is not None:
            self._file.close()
            raise ConfigurationError(
                f"{path}: expected a header with the names of columns on line 1; {first.fault if first else 'it is empty'}"
            )
        self.header = [name.strip() for name in first.cells]
        self.header_raw = first.raw

    def __enter__(self) -> "CsvFile":
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def __iter__(self) -> Iterator[Row]:
        """Every row after the header; blank lines are passed over."""
        width = len(self.header)
        for row in self._rows():
            if row.fault is None and len(row.cells) != width:
                yield Row(
                    row.line, row.last_line, [], row.raw, f"expected {width} columns as the header has, this row has {len(row.cells)}"
                )
            else:
                yield row

    def _decoded(self) -> Iterator[tuple[int, bytes, str | None]]:
        """Each line with its number, its bytes, and its text (None where the bytes are not of the encoding)."""
        number, codec = 0, self.form.codec
        for batch in self._file.batches():
            for number, raw in enumerate(batch.values, start=number + 1):  # noqa: B020 - counting goes on over batches
                try:
                    yield number, raw, raw.decode(codec)
                except UnicodeDecodeError:
                    yield number, raw, None

    def _next_line(self) -> tuple[int, bytes, str | None] | None:
        return self._again.pop(0) if self._again else next(self._source, None)

    def _lines_of_row(self) -> Iterator[str]:
        """Lines for the CSV reader, noted as taken; ends the row where one cannot be decoded or there are too many."""
        while (line := self._next_line()) is not None:
            self._taken.append(line)
            if line[2] is None or len(self._taken) > MOST_LINES:
                raise _UnclosedError
            yield line[2] + "\n"

    def _rows(self) -> Iterator[Row]:
        form = self.form
        while True:
            reader = csv.reader(self._lines_of_row(), delimiter=form.delimiter, quotechar=form.quote, strict=True)
            try:
                for cells in reader:
                    taken, self._taken = self._taken, []
                    if cells and (len(taken) > 1 or (taken[0][2] or "").strip()):
                        yield Row(taken[0][0], taken[-1][0], cells, _bytes_of(taken))
                if not self._taken:
                    return
                yield self._faulty("a quotation mark is opened and never closed")
            except csv.Error:
                yield self._faulty("expected a quotation mark to be closed, and to end its cell")
            except _UnclosedError:
                yield self._faulty(f"a quotation mark is opened and not closed within {MOST_LINES} lines")

    def _faulty(self, fault: str) -> Row:
        """The row that begins at the first line taken; reading goes on at the line after it."""
        number, raw, text = self._taken[0]
        # A later line of the row that cannot be decoded is a row of its own, and says so itself.
        self._again, self._taken = self._taken[1:] + self._again, []
        return Row(number, number, [], raw, fault if text is not None else f"expected text in {self.form.encoding}, these are other bytes")


def _bytes_of(taken: list[tuple[int, bytes, str | None]]) -> bytes:
    return taken[0][1] if len(taken) == 1 else b"\n".join(raw for _, raw, _ in taken)


def _require_encoding(path: Path, form: CsvForm) -> None:
    """Refuse a file that begins as another encoding does, or shows Danish letters in two characters."""
    with LineFile(path) as file:
        first = file.next(50)
        head = b"\n".join(first.values) if first else b""
    with path.open("rb") as plain:
        mark = plain.read(len(_UTF8_MARK))
    if mark.startswith(_UTF16_MARKS):
        raise ConfigurationError(f"{path} is UTF-16 text; expected {form.encoding}: export it as CSV UTF-8")
    if form.encoding == "utf-8":
        return
    text = head.decode(form.codec, errors="replace")
    if mark == _UTF8_MARK or any(letters in text for letters in _MOJIBAKE):
        raise ConfigurationError(f"{path} is UTF-8 text, the mapping says {form.encoding}; write `encoding: utf-8` in the mapping's `csv`")
