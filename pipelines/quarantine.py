"""Quarantine: what was rejected and why, and taking it up again after a model or a catalogue was mended."""

import datetime as dt
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from itertools import groupby
from typing import Any, Protocol

import duckdb

from models.errors import ConfigurationError
from pipelines.sql_texts import sql
from pipelines.staged import BatchSummary, Staged
from pipelines.store import Store

NOT_RETRIED = ("conflict", "personal_number")
"""Classes that stay: a conflict is settled by a correction, and of a record with a personal number only a redacted copy was kept."""

KEPT_DAYS = 14.0
"""A rejected record is likely bad because it holds what it should not: nobody needs it for longer than the sender needs to mend it."""

RETRY_AT_ONCE = 50_000

_COLUMNS = 'feed, part, "offset", batch, class, faults, sha256, source, id, retried'


class Readable(Protocol):
    """A store, or a copy of its quarantine (pipelines/quarantine_beside.py)."""

    @property
    def connection(self) -> duckdb.DuckDBPyConnection:
        """Where the tables `quarantine` and `batch` are."""
        ...


class OffsetReader(Protocol):
    """What a retry asks of the intake: records at offsets that need not follow one another."""

    def read(self, feed: str, part: int, first_offset: int, values: list[bytes], offsets: list[int] | None = None) -> Staged:
        """Take records apart."""
        ...


@dataclass(frozen=True)
class Rejected:
    """One record in quarantine: its place, the class of its fault, every fault found (field and kind, never a value)."""

    feed: str
    part: int
    offset: int
    batch: int
    fault_class: str
    faults: list[dict[str, Any]]
    sha256: str
    source: str | None
    id: str | None
    retried: bool

    def as_dict(self) -> dict[str, Any]:
        """For scripts."""
        return asdict(self)


def list_rejected(store: Readable, fault_class: str | None = None, limit: int = 100) -> list[Rejected]:
    """Records in quarantine that were not taken up again, in order of place; of one class, or of all."""
    rows = store.connection.execute(
        f"SELECT {_COLUMNS} FROM quarantine WHERE NOT retried AND ($class IS NULL OR class = $class)"  # noqa: S608 - a constant of this module
        ' ORDER BY feed, part, "offset" LIMIT $limit',
        {"class": fault_class, "limit": limit},
    ).fetchall()
    return [_rejected(*row) for row in rows]


def count_by_class(store: Readable) -> dict[str, int]:
    """How many records of each class are in quarantine and were not taken up again."""
    rows = store.connection.execute("SELECT class, count(*) FROM quarantine WHERE NOT retried GROUP BY class ORDER BY class").fetchall()
    return dict(rows)


def show(store: Readable, feed: str, part: int, offset: int) -> tuple[Rejected, str]:
    """One record in quarantine and its bytes as text, as they were kept (redacted where they held a personal number).

    raises ConfigurationError when there is none at this place.
    """
    row = store.connection.execute(
        f'SELECT {_COLUMNS}, raw FROM quarantine WHERE feed = ? AND part = ? AND "offset" = ? ORDER BY retried, batch DESC',  # noqa: S608
        [feed, part, offset],
    ).fetchone()
    if row is None:
        raise ConfigurationError(f"nothing in quarantine from {feed}[{part}]@{offset}; `quarantine list` tells the places")
    gone = "taken up again: its bytes are in the event now" if row[9] else "expired: its bytes are gone, its place stays for the counts"
    raw = f"({gone})" if row[10] is None else bytes(row[10]).decode("utf-8", "backslashreplace")
    return _rejected(*row[:10]), raw


def _rejected(*columns: Any) -> Rejected:
    """A row of `_COLUMNS`."""
    names = ("feed", "part", "offset", "batch", "fault_class", "faults", "sha256", "source", "id", "retried")
    row = dict(zip(names, columns, strict=True))
    return Rejected(**row | {"faults": json.loads(row["faults"])})


@dataclass(frozen=True)
class RetrySummary:
    """What a retry did: records looked at again, and what became of those that are well-formed now. The rest stays as it was."""

    tried: int
    taken_up: int
    accepted: int
    duplicates: int
    conflicts: int
    erased: int
    effects: int

    def as_dict(self) -> dict[str, Any]:
        """For scripts."""
        return asdict(self)

    def sentence(self) -> str:
        """For people."""
        return (
            f"{self.tried:,} records tried again: {self.taken_up:,} are well-formed now ({self.accepted:,} accepted,"
            f" {self.duplicates:,} duplicates, {self.conflicts:,} conflicts, {self.erased:,} about erased subjects),"
            f" {self.tried - self.taken_up:,} stay in quarantine"
        )


def retry(store: Store, intake: OffsetReader) -> RetrySummary:
    """Read every record in quarantine again whose bytes are whole; what is accepted now is stored as if it came now, at its old place.

    One transaction for all that is taken up at once (up to 50,000 records of one partition); nothing counts twice, and I1 goes on to hold.
    """
    tried = 0
    done: list[BatchSummary] = []
    for feed, part, row_ids, offsets, values in list(_pieces(store)):
        staged = intake.read(feed, part, offsets[0], values, offsets)
        accepted = set(staged.events["offset"].to_pylist())
        tried += len(values)
        if accepted:
            taken = [row_id for row_id, offset in zip(row_ids, offsets, strict=True) if offset in accepted]
            # What stays bad is in quarantine already; only what became well-formed goes on.
            done.append(store.take_up([_without_rejected(staged)], taken))
    return RetrySummary(
        tried,
        sum(b.received for b in done),
        sum(b.accepted for b in done),
        sum(b.duplicates for b in done),
        sum(b.quarantined for b in done),
        sum(b.erased for b in done),
        sum(b.effects for b in done),
    )


def expire(store: Store, days: float, *, dry_run: bool = False, now: dt.datetime | None = None) -> dict[str, int]:
    """Rejected records older than so many days keep their place, class and fields at fault, for the counts, and nothing that they said.

    returns  how many, by class; with `dry_run` nothing is changed. Conflicts, and corrections without their target, are no such records:
             they are well-formed, and live as long as the event that they contest.
    """
    before = ((now or dt.datetime.now(dt.UTC)) - dt.timedelta(days=days)).replace(tzinfo=None)
    found: dict[str, int] = dict(store.connection.execute(sql("quarantine_expiring"), {"before": before}).fetchall())
    if found and not dry_run:
        store.forget_rejected(before)
    return found


def _pieces(store: Store) -> Iterator[tuple[str, int, list[int], list[int], list[bytes]]]:
    rows = store.connection.execute(
        'SELECT feed, part, rowid, "offset", raw FROM quarantine WHERE NOT retried AND raw IS NOT NULL AND event_key IS NULL'
        ' AND NOT list_contains(?, class) ORDER BY feed, part, "offset"',
        [list(NOT_RETRIED)],
    ).fetchall()
    for (feed, part), group in groupby(rows, key=lambda row: (row[0], row[1])):
        of_place = list(group)
        for start in range(0, len(of_place), RETRY_AT_ONCE):
            piece = of_place[start : start + RETRY_AT_ONCE]
            yield feed, part, [row[2] for row in piece], [row[3] for row in piece], [bytes(row[4]) for row in piece]


def _without_rejected(staged: Staged) -> Staged:
    return Staged(
        staged.feed, staged.part, staged.first_offset, staged.next_offset, staged.events, staged.quarantined.slice(0, 0), staged.dropped
    )
