"""Sending CSV: rows to events, each checked as the store will check it, the good ones put where they belong, the others said."""

import gc
import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from models.mapping import Mapping
from models.pseudonyms import KeyRing
from models.records import MAX_BYTES
from pipelines.intake import Intake
from pipelines.sending.deliveries import Delivery
from pipelines.sending.events import Fault, Maker, Refused, make_makers
from pipelines.sending.rejects import Rejects
from pipelines.sending.resume import Progress
from pipelines.sending.rows import CsvFile, Row

ROWS_AT_ONCE = 20_000
FAULTS_KEPT = 1_000
REMEMBERED = 2_000_000
"""So many event ids are held against each other, to find rows that have one id and say two things."""
_SURELY_SHORT = MAX_BYTES // 2
"""Bytes of an event that is within the bound of the contract however its texts are written."""
_CLASH = "expected one row for each event id: an earlier row has the same `id` columns and says something else"

Seen = Callable[[int], None]
"""Called with the number of rows read so far."""


@dataclass
class CsvSummary:
    """What became of the rows.

    rows       read now; already_sent: passed over, since an earlier sending had them
    sent       events delivered; repeated: events that a row says again word for word, delivered once
    no_event   rows that no rule of the mapping makes an event of
    rejected   rows with a fault: none of their events was sent
    faults     the first thousand of them
    """

    rows: int = 0
    already_sent: int = 0
    sent: int = 0
    repeated: int = 0
    no_event: int = 0
    rejected: int = 0
    by_type: Counter[str] = field(default_factory=Counter)
    faults: list[Fault] = field(default_factory=list)
    where: str = ""

    def as_dict(self) -> dict[str, Any]:
        """For scripts."""
        faults = [{"line": fault.line, "column": fault.column, "expected": fault.expected} for fault in self.faults]
        return {**vars(self), "by_type": dict(sorted(self.by_type.items())), "faults": faults}

    def sentence(self) -> str:
        """For people."""
        said = f"{self.rows:,} rows read, {self.sent:,} events sent to {self.where}; {self.rejected:,} rows rejected"
        more = [(self.no_event, "rows without an event"), (self.repeated, "events repeated"), (self.already_sent, "rows sent before")]
        return said + "".join(f", {n:,} {words}" for n, words in more if n)


@dataclass(slots=True)
class _Made:
    """One row and the events that it makes."""

    row: Row
    events: list[tuple[Maker, bytes]] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)


class Sending:
    """One sending of files by one mapping."""

    def __init__(
        self,
        mapping: Mapping,
        ring: KeyRing | None,
        delivery: Delivery,
        rejects: Rejects | None,
        progress: Progress,
        intake: Intake | None = None,
    ) -> None:
        """`intake`: the record path to judge by, which stays open; none: one of its own."""
        self._intake = intake
        self._mapping, self._ring, self._delivery, self._rejects, self._progress = mapping, ring, delivery, rejects, progress
        self._known: dict[int, int] = {}
        self.summary = CsvSummary()

    def send(self, paths: Sequence[Path], seen: Seen) -> CsvSummary:
        """Send all rows of the files, in order. Errors as in `CsvFile` and `make_makers` (before anything is sent), and of the delivery."""
        for path in paths:
            with CsvFile(path, self._mapping.csv) as file:
                make_makers(self._mapping, file.header, self._ring, path)
        done: list[tuple[Path, int]] = []
        with _few_collections(), nullcontext(self._intake) if self._intake else Intake(self._mapping.time_zone, threads=1) as intake:
            done.extend((path, self._send_file(path, intake, seen)) for path in paths)
        self.summary.where = self._delivery.finish()
        for path, line in done:
            self._progress.save(path, line)
        return self.summary

    def _send_file(self, path: Path, intake: Intake, seen: Seen) -> int:
        """Send one file; returns its last line."""
        last = self._progress.sent_through(path)
        with CsvFile(path, self._mapping.csv) as file:
            makers = make_makers(self._mapping, file.header, self._ring, path)
            if self._rejects:
                self._rejects.header(file.header_raw)
            for rows in _portions(self._new_rows(file, last)):
                self._send_rows(rows, makers, intake)
                last = rows[-1].last_line
                if self._delivery.at_once:
                    self._progress.save(path, last)
                seen(self.summary.rows)
        return last

    def _new_rows(self, file: CsvFile, sent_through: int) -> Iterator[Row]:
        for row in file:
            if row.last_line > sent_through:
                yield row
            else:
                self.summary.already_sent += 1

    def _send_rows(self, rows: Sequence[Row], makers: Sequence[Maker], intake: Intake) -> None:
        made = [_make(row, makers) for row in rows]
        self.summary.no_event += sum(not each.events and not each.faults for each in made)
        _judge(made, intake)
        self._find_clashes(made)
        good = [(maker, event) for each in made if not each.faults for maker, event in each.events]
        self._delivery.put([event for _, event in good])
        self._count(made, good)

    def _find_clashes(self, made: Iterable[_Made]) -> None:
        """Take out what a row repeats word for word; a row that says something else under an id that is there is a fault."""
        for each in made:
            if each.faults:
                continue
            new: dict[int, int] = {}
            n_repeated = 0
            for maker, event in each.events:
                name, content = maker.fingerprints(event)
                known = self._known.get(name, new.get(name))
                if known is None:
                    new[name] = content
                elif known != content:
                    each.faults.append(Fault(each.row.line, maker.rule.id[0], _CLASH))
                else:
                    n_repeated += 1
                    each.events = [other for other in each.events if other[1] is not event]
            if not each.faults:
                self.summary.repeated += n_repeated
                if len(self._known) < REMEMBERED:
                    self._known |= new

    def _count(self, made: Sequence[_Made], good: Sequence[tuple[Maker, bytes]]) -> None:
        summary = self.summary
        summary.rows += len(made)
        summary.sent += len(good)
        summary.by_type.update(maker.rule.type for maker, _ in good)
        for each in made:
            if each.faults:
                summary.rejected += 1
                summary.faults += each.faults[: FAULTS_KEPT - len(summary.faults)]
                if self._rejects:
                    self._rejects.add(each.row.line, each.faults, each.row.raw)


@contextmanager
def _few_collections() -> Iterator[None]:
    """Rows and events form no cycles, so looking for cycles among them finds nothing: once a portion is enough, and saves a quarter."""
    before = gc.get_threshold()
    gc.set_threshold(10 * ROWS_AT_ONCE, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)


def _portions(rows: Iterator[Row]) -> Iterator[list[Row]]:
    while portion := list(islice(rows, ROWS_AT_ONCE)):
        yield portion


def _make(row: Row, makers: Sequence[Maker]) -> _Made:
    """The events of one row; every rule that cannot be met is a fault of its own."""
    made = _Made(row)
    if row.fault is not None:
        made.faults.append(Fault(row.line, None, row.fault))
        return made
    cells = row.cells
    for maker in makers:
        if maker.holds(cells):
            try:
                made.events.append((maker, maker.event(cells)))
            except Refused as refused:
                made.faults.append(Fault(row.line, refused.column, refused.expected))
    if made.faults:
        made.faults = list(dict.fromkeys(made.faults))
    return made


def _judge(made: Sequence[_Made], intake: Intake) -> None:
    """Hold every event against the contract, by the very path that the store takes; what it refuses is a fault of the row."""
    places = [(each, maker) for each in made if not each.faults for maker, _ in each.events]
    events = [without_escapes(event) for each in made if not each.faults for _, event in each.events]
    rejected = intake.read("send", 0, 0, events).quarantined if events else None
    for refused in rejected.to_pylist() if rejected is not None else []:
        each, maker = places[refused["offset"]]
        for fault in json.loads(refused["faults"]):
            each.faults.append(Fault(each.row.line, maker.column_of(fault["field"]), _in_words(maker, fault["field"], fault["fault"])))


def _in_words(maker: Maker, name: str | None, rule: str) -> str:
    where = f"`{name}` of {maker.rule.type}" if name else f"the event {maker.rule.type}"
    return f"expected what the contract says of {where}; the rule that it breaks: {rule}"


def without_escapes(event: bytes) -> bytes:
    """The event with `'` for each quotation mark and `/` for each backslash in its texts.

    The contract says the same of both: no rule tells these characters apart, texts keep their number of characters, and what stands on
    either side of them stands as free. Records without escapes are judged together, those with escapes one by one, which takes far longer.
    """
    if b"\\" not in event or len(event) > _SURELY_SHORT:
        return event
    return event.replace(b"\\\\", b"/").replace(b'\\"', b"'")
