"""The file feed: files of events into the store, from where each was left off. The same file again counts nothing twice.

A file is a partition: feed `file:<absolute path>`, part 0, offset = line number from 0. What was read is remembered by its fingerprint.
A file that was changed in what was read already is a new generation, `file:<absolute path>#2` and so on, read from its start: what stood
there before is a duplicate, what is new counts.
"""

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Protocol

from pipelines.crashpoints import crashpoint
from pipelines.intake import Intake
from pipelines.lines import LineFile, Lines
from pipelines.staged import BatchSummary, Staged
from pipelines.store import Store


@dataclass(frozen=True)
class FileProgress:
    """How far a replay has come: bytes of the file (packed), and records so far over all files."""

    path: Path
    file_no: int
    n_files: int
    bytes_read: int
    bytes_total: int
    records: int


Progress = Callable[[FileProgress], None]


class Reader(Protocol):
    """What a replay asks of the intake."""

    def read(self, feed: str, part: int, first_offset: int, values: list[bytes]) -> Staged:
        """Take records apart."""
        ...


@dataclass(frozen=True)
class ReplaySummary:
    """What a replay did, over all files: counts of the records that were read now."""

    files: int = 0
    batches: int = 0
    received: int = 0
    accepted: int = 0
    duplicates: int = 0
    quarantined: int = 0
    erased: int = 0
    effects: int = 0

    def plus(self, batch: BatchSummary) -> "ReplaySummary":
        """With one more batch."""
        return replace(
            self,
            batches=self.batches + 1,
            received=self.received + batch.received,
            accepted=self.accepted + batch.accepted,
            duplicates=self.duplicates + batch.duplicates,
            quarantined=self.quarantined + batch.quarantined,
            erased=self.erased + batch.erased,
            effects=self.effects + batch.effects,
        )

    def as_dict(self) -> dict[str, Any]:
        """For scripts."""
        return asdict(self)

    def sentence(self) -> str:
        """For people."""
        if not self.received:
            return "nothing new: every line of these files was read before"
        return (
            f"{self.received:,} records read: {self.accepted:,} accepted, {self.duplicates:,} duplicates,"
            f" {self.quarantined:,} quarantined, {self.erased:,} about erased subjects; {self.effects:,} effect records new or changed"
        )


def replay(files: Iterable[Path], store: Store, progress: Progress | None = None, intake: Reader | None = None) -> ReplaySummary:
    """Read files into the store, each from where it was left off, one transaction per batch.

    raises  ConfigurationError when a file is missing (before anything is read), KerneeffektError when one is damaged, and as `commit`
    """
    paths = [Path(path).absolute() for path in files]
    for path in paths:
        LineFile(path).close()
    reader = intake or Intake(store.time_zone)
    summary = ReplaySummary(files=len(paths))
    for number, path in enumerate(paths, start=1):
        for staged, lines, size in _stretches(path, store, reader):
            crashpoint("after_read")
            summary = summary.plus(store.commit([staged]))
            if progress:
                progress(FileProgress(path, number, len(paths), lines.bytes_read, size, summary.received))
    return summary


def _stretches(path: Path, store: Store, reader: Reader) -> Iterable[tuple[Staged, Lines, int]]:
    """What of a file is new, taken apart, in order."""
    feed, offset, known = _generation(path, store)
    with LineFile(path) as file:
        if offset and file.skip(offset) != known:
            feed, offset = _next_generation(path, feed), 0
    with LineFile(path) as file:
        if offset:
            file.skip(offset)
        for lines in file.batches():
            staged = reader.read(feed, 0, offset, lines.values)
            yield replace(staged, fingerprint=lines.fingerprint), lines, file.size
            offset += len(lines.values)


def _generation(path: Path, store: Store) -> tuple[str, int, str | None]:
    """The newest generation of a file that the store knows: its feed, where reading goes on, and the fingerprint up to there."""
    first = f"file:{path}"
    rows = store.connection.execute(
        "SELECT feed, next_offset, fingerprint FROM feed_offset WHERE feed = ? OR starts_with(feed, ?)", [first, first + "#"]
    ).fetchall()
    of_this = {_number(feed, first): (feed, offset, known) for feed, offset, known in rows if _number(feed, first)}
    return of_this[max(of_this)] if of_this else (first, 0, None)


def _number(feed: str, first: str) -> int:
    """Which generation a feed is, from 1; 0 when it is another file whose name only begins alike."""
    rest = feed.removeprefix(first)
    return 1 if not rest else int(rest[1:]) if rest[1:].isdecimal() else 0


def _next_generation(path: Path, feed: str) -> str:
    first = f"file:{path}"
    return f"{first}#{_number(feed, first) + 1}"
