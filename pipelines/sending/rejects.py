"""The rows that were not sent, as a CSV of the same columns with what is wrong in front: mend it and send it with the same mapping."""

import os
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from models.mapping import CsvForm
from pipelines.sending.events import Fault


class Rejects:
    """Writes rows that were not sent. The file holds what the source wrote, so it is the sender's own (mode 0600)."""

    def __init__(self, target: Path, form: CsvForm) -> None:
        self._form, self._header = form, b""
        self._file = os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600), "wb")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._file.close()

    def header(self, raw: bytes) -> None:
        """Columns of the file whose rows follow; written where they are others than before."""
        if raw != self._header:
            self._write(("line", "fault"), raw)
            self._header = raw

    def add(self, line: int, faults: Sequence[Fault], raw: bytes) -> None:
        """One row with everything that is wrong with it."""
        self._write((str(line), "; ".join(f"{fault.column or 'row'}: {fault.expected}" for fault in faults)), raw)

    def _write(self, cells: tuple[str, str], raw: bytes) -> None:
        quote, delimiter = self._form.quote, self._form.delimiter
        first = "".join(f"{quote}{cell.replace(quote, quote * 2)}{quote}{delimiter}" for cell in cells)
        self._file.write(first.encode(self._form.codec, errors="replace") + raw.rstrip(b"\r\n") + b"\n")
