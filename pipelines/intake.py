"""The fast record path: raw records in, events in the store's columns and quarantined records out.

Records travel as Arrow text into a private in-memory DuckDB, where two set-based statements (`pipelines/intake_sql.py`) check
and take apart whole batches. What these do not accept, `models.records` judges one by one; what it accepts is written anew as
plain JSON and goes through the same statements, so that no value depends on the way that a record took.
"""

import hashlib
import json
import queue
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

import numpy as np
import pyarrow as pa

from models.records import Fault, ParsedEvent, Quarantined, parse_record
from models.registry import EVENT_TYPES
from pipelines.intake_worker import EVENT_SCHEMA, EXTRACTED_SCHEMA, PLACE, Worker
from pipelines.staged import Staged

SLICE = 32_768
"""Records that one statement takes at a time: enough to outweigh planning, few enough to stay in the processor's cache."""
FEW = 2_048
"""Records of a slice not written like others: up to so many wait for those of the other slices, since a statement that parses costs as
much as some thousand records, whatever it finds."""

QUARANTINE_SCHEMA = pa.schema(
    [
        ("feed", pa.string()), ("part", pa.int32()), ("offset", pa.int64()), ("class", pa.string()), ("faults", pa.string()),
        ("raw", pa.binary()), ("sha256", pa.string()), ("source", pa.string()), ("id", pa.string()), ("subject_key", pa.uint64()),
    ]
)  # fmt: skip


@dataclass(frozen=True)
class Stretch:
    """Records of one partition in order. `offsets` where these have holes; else they follow from `first_offset`."""

    feed: str
    part: int
    first_offset: int
    values: Sequence[bytes | None]
    offsets: Sequence[int] | None = None

    @property
    def places(self) -> np.ndarray[Any, Any]:
        """The offset of each record."""
        if self.offsets is not None:
            return np.asarray(self.offsets, np.int64)
        return np.arange(self.first_offset, self.first_offset + len(self.values), dtype=np.int64)


@dataclass
class _Taken:
    """What became of one slice: event rows with their positions in the slice, the records that were read one by one, and those not yet."""

    events: list[pa.Table] = field(default_factory=list)
    left: list[int] = field(default_factory=list)
    quarantined: list[tuple[int, Quarantined]] = field(default_factory=list)
    dropped: Counter[tuple[str, str]] = field(default_factory=Counter)


class Intake:
    """Takes records apart for a municipality in one time zone.

    Each of `threads` workers has an in-memory database of its own; slices of a batch are dealt to them. `read` blocks until the
    batch is done and may be called from several threads. Close it when done with it, or use it as a context manager.
    """

    def __init__(self, time_zone: str = "Europe/Copenhagen", threads: int = 2, initializer: Callable[[], object] | None = None) -> None:
        """initializer   called once on each of the threads"""
        self._workers = [Worker(time_zone) for _ in range(threads)]
        self._idle: queue.SimpleQueue[Worker] = queue.SimpleQueue()
        for worker in self._workers:
            self._idle.put(worker)
        self._pool = ThreadPoolExecutor(threads, "intake", initializer)

    def __enter__(self) -> "Intake":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let the workers end and their databases go."""
        self._pool.shutdown()
        for worker in self._workers:
            worker.close()

    def read(self, feed: str, part: int, first_offset: int, values: Sequence[bytes | None], offsets: Sequence[int] | None = None) -> Staged:
        """Take one stretch of records of one partition apart.

        values   the records' bytes in order; None for a record without content
        offsets  the records' offsets where these have holes; else they follow from `first_offset`
        returns  every record once, as an event or quarantined
        """
        return self.read_all([Stretch(feed, part, first_offset, values, offsets)])[0]

    def read_all(self, stretches: Sequence[Stretch]) -> list[Staged]:
        """Take several stretches apart, together: the statements see slices of one long batch, whatever partitions it came from."""
        values = list(chain.from_iterable(stretch.values for stretch in stretches))
        taken, starts = self._take_all(values)
        events, positions = _events(taken, starts)
        rejected = _rejected(taken, starts)
        dropped = sum((each.dropped for each in taken), Counter[tuple[str, str]]())
        staged: list[Staged] = []
        start = 0
        for stretch in stretches:
            end = start + len(stretch.values)
            places = stretch.places
            begin, behind = np.searchsorted(positions, (start, end))
            own = rejected[bisect_left(rejected, start, key=_position) : bisect_left(rejected, end, key=_position)]
            staged.append(
                Staged(
                    feed=stretch.feed,
                    part=stretch.part,
                    first_offset=stretch.first_offset,
                    next_offset=int(places[-1]) + 1 if len(places) else stretch.first_offset,
                    events=_placed(events.slice(begin, behind - begin), stretch, places[positions[begin:behind] - start]),
                    quarantined=_quarantined([(position - start, record) for position, record in own], stretch, places),
                    dropped=[] if staged else [(*key, n) for key, n in sorted(dropped.items())],
                )
            )
            start = end
        return staged

    def amended(self, targets: pa.Table, replacements: Sequence[str]) -> tuple[pa.Table, list[tuple[Fault, ...]]]:
        """What targets say after their replacement.

        targets       event rows: source, id, type, subject, occurred_at, and `recorded_at` of the correction (what it says counts
                      from then); feed, part and offset are passed on
        replacements  for each, the replacement as JSON: `data`, and `time` and `subject` where these change
        returns       rows in event columns for the replacements that fit their target's type, in order; and for each target its faults
                      (none: the row is there)
        """
        parsed = [_replaced(row, replacement) for row, replacement in zip(targets.to_pylist(), replacements, strict=True)]
        fitting = [(position, event) for position, event in enumerate(parsed) if isinstance(event, ParsedEvent)]
        with self._worker() as worker:
            rows = worker.extract(pa.array([event.normal_json() for _, event in fitting], pa.string()), checked=False)
        order = np.asarray([position for position, _ in fitting], np.int64)
        rows = rows.sort_by("position").drop_columns(["position"])
        for name in PLACE:
            rows = rows.append_column(EVENT_SCHEMA.field(name), targets[name].take(pa.array(order)).cast(EVENT_SCHEMA.field(name).type))
        return rows.cast(EVENT_SCHEMA), [event.faults if isinstance(event, Quarantined) else () for event in parsed]

    @contextmanager
    def _worker(self) -> Iterator[Worker]:
        worker = self._idle.get()
        try:
            yield worker
        finally:
            self._idle.put(worker)

    def _take_all(self, values: list[bytes | None]) -> tuple[list[_Taken], list[int]]:
        """What became of all records, in parts, and the position in the batch that each part counts from."""
        size = max(1, min(SLICE, -(-len(values) // len(self._workers))))
        starts = list(range(0, len(values), size))
        slices = [values[start : start + size] for start in starts]
        taken = list(self._pool.map(self._take, slices)) if len(slices) > 1 else [self._take(part) for part in slices]
        left = [start + position for start, each in zip(starts, taken, strict=True) for position in each.left]
        return [*taken, self._take_rest(values, left)], [*starts, 0]

    def _take(self, values: Sequence[bytes | None]) -> _Taken:
        """One slice, by the records' layouts; where many have none, those too."""
        taken, texts = _Taken(), texts_of(values)
        with self._worker() as worker:
            taken.events.append(worker.extract_alike(texts))
            left = _missing(range(len(values)), taken.events)
            if len(left) <= FEW:
                taken.left = left
            else:
                _take_parsed(worker, taken, values, texts.take(pa.array(left)), left)
        return taken

    def _take_rest(self, values: Sequence[bytes | None], positions: list[int]) -> _Taken:
        """The records at these positions of a whole batch, which no slice has taken."""
        taken = _Taken()
        if positions:
            with self._worker() as worker:
                _take_parsed(worker, taken, values, texts_of([values[position] for position in positions]), positions)
        return taken


def _take_parsed(worker: Worker, taken: _Taken, values: Sequence[bytes | None], texts: pa.Array, positions: list[int]) -> None:
    """Parse the records at these positions, whose texts are given, and what that does not accept one by one."""
    parsed = worker.extract(texts, positions, checked=True)
    taken.events.append(parsed)
    if parsed.num_rows < len(positions):
        _take_singly(worker, taken, values, _missing(positions, [parsed]))


def _take_singly(worker: Worker, taken: _Taken, values: Sequence[bytes | None], positions: list[int]) -> None:
    """Let `models.records` judge the records at these positions."""
    accepted: list[tuple[int, str]] = []
    for position in positions:
        parsed = parse_record(values[position])
        if isinstance(parsed, Quarantined):
            taken.quarantined.append((position, parsed))
        else:
            accepted.append((position, parsed.normal_json()))
            taken.dropped.update((parsed.event_type.name, name) for name in parsed.dropped)
    if accepted:
        texts = pa.array([text for _, text in accepted], pa.string())
        taken.events.append(worker.extract(texts, [position for position, _ in accepted], checked=False))


def texts_of(values: Sequence[bytes | None]) -> pa.Array:
    """The records as Arrow text; null for those that are not UTF-8."""
    raw = pa.array(values, pa.binary())
    try:
        return raw.cast(pa.string())
    except pa.ArrowInvalid:
        return pa.array([value if value is not None and _is_utf8(value) else None for value in values], pa.binary()).cast(pa.string())


def _is_utf8(value: bytes) -> bool:
    try:
        value.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _missing(positions: Sequence[int], found: Sequence[pa.Table]) -> list[int]:
    """Those of the positions, in order, at which no event was found."""
    places = np.concatenate([table["position"].to_numpy() for table in found])
    left: list[int] = np.setdiff1d(np.asarray(positions), places, assume_unique=True).tolist()
    return left


def _events(taken: list[_Taken], starts: Sequence[int]) -> tuple[pa.Table, np.ndarray[Any, Any]]:
    """The events of all slices but for their place, in order, and the position of each in the whole batch.

    In one piece per column, so that stretches are views of it: a hundred small pieces cost more to scan than to copy once.
    """
    tables, positions = [EXTRACTED_SCHEMA.remove(0).empty_table()], [np.empty(0, np.int64)]
    for start, each in zip(starts, taken, strict=True):
        for table in each.events:
            tables.append(table.drop_columns(["position"]))
            positions.append(table["position"].to_numpy().astype(np.int64) + start)
    places = np.concatenate(positions)
    order = np.argsort(places)
    return pa.concat_tables(tables).combine_chunks().take(pa.array(order)), places[order]


def _placed(rows: pa.Table, stretch: Stretch, offsets: np.ndarray[Any, Any]) -> pa.Table:
    """Event rows with where they came from."""
    part = pa.repeat(pa.scalar(stretch.part, pa.int32()), rows.num_rows)
    rows = rows.append_column("feed", pa.repeat(stretch.feed, rows.num_rows)).append_column("part", part)
    return rows.append_column("offset", pa.array(offsets)).cast(EVENT_SCHEMA)


def _rejected(taken: list[_Taken], starts: Sequence[int]) -> list[tuple[int, Quarantined]]:
    """The rejected records of a batch in order, with the position of each."""
    found = ((start + position, record) for start, each in zip(starts, taken, strict=True) for position, record in each.quarantined)
    return sorted(found, key=_position)


def _position(rejected: tuple[int, Quarantined]) -> int:
    return rejected[0]


def _quarantined(rejected: Sequence[tuple[int, Quarantined]], stretch: Stretch, places: np.ndarray[Any, Any]) -> pa.Table:
    rows = [(int(places[position]), record) for position, record in rejected]
    columns: dict[str, list[Any]] = {
        "feed": [stretch.feed] * len(rows),
        "part": [stretch.part] * len(rows),
        "offset": [offset for offset, _ in rows],
        "class": [record.reason for _, record in rows],
        "faults": [record.faults_json for _, record in rows],
        "raw": [record.raw for _, record in rows],
        "sha256": [hashlib.sha256(record.raw).hexdigest() for _, record in rows],
        "source": [record.source for _, record in rows],
        "id": [record.id for _, record in rows],
        "subject_key": [None if record.subject is None else key_of(record.subject) for _, record in rows],
    }
    return pa.table(columns, QUARANTINE_SCHEMA)


def key_of(text: str) -> int:
    """The store's 64-bit key of a text: the same number as DuckDB's md5_number_lower."""
    return int.from_bytes(hashlib.md5(text.encode(), usedforsecurity=False).digest()[8:], "little")


def _replaced(target: dict[str, Any], replacement: str) -> ParsedEvent | Quarantined:
    """The target's event with what the replacement says instead."""
    says = json.loads(replacement)
    event = {
        "specversion": "1.0",
        "id": target["id"],
        "source": target["source"],
        "type": EVENT_TYPES[target["type"]].wire,
        "subject": says.get("subject") or target["subject"],
        "time": says.get("time") or f"{target['occurred_at'].isoformat()}Z",
        "recordedtime": f"{target['recorded_at'].isoformat()}Z",
        "data": says.get("data"),
    }
    return parse_record(json.dumps(event, ensure_ascii=False).encode())


__all__ = ["EVENT_SCHEMA", "QUARANTINE_SCHEMA", "Intake", "Stretch", "key_of"]
