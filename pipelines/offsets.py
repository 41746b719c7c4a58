"""Where reading of each partition goes on: the guard before a batch, and the conditional move that fences a second writer."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import duckdb
import pyarrow.compute as pc

from models.errors import OffsetGapError, StoreError
from pipelines.staged import Staged
from pipelines.tally import Place


@dataclass(frozen=True)
class Position:
    """The next offset of a partition, and the epoch under which this process may move it."""

    next_offset: int
    epoch: int


def read_positions(connection: duckdb.DuckDBPyConnection) -> dict[Place, Position]:
    """Every partition that the store knows."""
    rows = connection.execute("SELECT feed, part, next_offset, epoch FROM feed_offset").fetchall()
    return {(feed, part): Position(next_offset, epoch) for feed, part, next_offset, epoch in rows}


def guard(batch: Iterable[Staged], known: Mapping[Place, Position]) -> list[Staged]:
    """What of a batch is new, in order: stretches read before fall away, heads read before are cut off.

    A partition that the store does not know may begin anywhere (a broker may have dropped its oldest records).
    raises OffsetGapError when records are missing before a stretch whose feed has no holes by nature.
    """
    wanted = {place: position.next_offset for place, position in known.items()}
    new = []
    for stretch in sorted(batch, key=lambda s: (s.feed, s.part, s.first_offset)):
        place = (stretch.feed, stretch.part)
        start = wanted.get(place, stretch.first_offset)
        if stretch.next_offset <= start:
            continue
        if stretch.first_offset > start and not stretch.may_skip:
            raise OffsetGapError(
                f"{stretch.feed}[{stretch.part}]: the store has read up to offset {start}, but this batch begins at {stretch.first_offset};"
                " the records between are missing; read again from the store's offset"
            )
        new.append(_from_offset(stretch, start) if stretch.first_offset < start else stretch)
        wanted[place] = stretch.next_offset
    return new


def move(connection: duckdb.DuckDBPyConnection, batch: Iterable[Staged], known: Mapping[Place, Position]) -> dict[Place, Position]:
    """Move the offset of every partition of a guarded batch, each from where this process knows it to be.

    raises StoreError when another owner has moved one: this process no longer owns it, and nothing of the batch may be committed.
    """
    last: dict[Place, Staged] = {(s.feed, s.part): s for s in batch}
    moved = {}
    for (feed, part), stretch in last.items():
        before = known[(feed, part)]
        row = connection.execute(
            "UPDATE feed_offset SET next_offset = ?, fingerprint = ? WHERE feed = ? AND part = ? AND next_offset = ? AND epoch = ?",
            [stretch.next_offset, stretch.fingerprint, feed, part, before.next_offset, before.epoch],
        ).fetchone()
        if row is None or row[0] != 1:
            raise StoreError(
                f"{feed}[{part}]: another process has taken this partition over; nothing of this batch was written; stop this process"
            )
        moved[(feed, part)] = Position(stretch.next_offset, before.epoch)
    return moved


def introduce(connection: duckdb.DuckDBPyConnection, batch: Iterable[Staged], known: Mapping[Place, Position]) -> dict[Place, Position]:
    """Rows for partitions that the store meets for the first time; returns all positions, these included."""
    positions = dict(known)
    for stretch in batch:
        place = (stretch.feed, stretch.part)
        if place not in positions:
            positions[place] = Position(stretch.first_offset, 1)
            connection.execute(
                "INSERT INTO feed_offset VALUES (?, ?, ?, 1, 0, 0, 0, 0, 0, NULL)", [stretch.feed, stretch.part, stretch.first_offset]
            )
    return positions


def _from_offset(stretch: Staged, start: int) -> Staged:
    return replace(
        stretch,
        first_offset=start,
        events=stretch.events.filter(pc.greater_equal(stretch.events["offset"], start)),
        quarantined=stretch.quarantined.filter(pc.greater_equal(stretch.quarantined["offset"], start)),
    )
