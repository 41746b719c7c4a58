"""The four numbers per partition that must always add up to what was received (I1), and how a batch changes them."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

import duckdb
import pyarrow as pa

from models.errors import StoreError
from pipelines.loading import load

Place = tuple[str, int]
"""A partition: feed and part."""

COUNTS = ("received", "accepted", "duplicates", "quarantined", "erased")


@dataclass
class Tally:
    """Changes to the counters of every partition that a batch concerns.

    changes   per partition, also of those that only lose a row to a conflict, a correction or an erasure
    own       what became of the batch's own records, over all partitions
    """

    changes: dict[Place, dict[str, int]] = field(default_factory=lambda: defaultdict(lambda: dict.fromkeys(COUNTS, 0)))
    own: dict[str, int] = field(default_factory=lambda: dict.fromkeys(COUNTS, 0))

    def add(self, place: Place, count: str, n: int) -> None:
        """n of the batch's own records of one partition under one count."""
        self.changes[place][count] += n
        self.own[count] += n

    def add_rows(self, rows: Iterable[tuple[str, int, int]], count: str) -> None:
        """The same for rows of (feed, part, n)."""
        for feed, part, n in rows:
            self.add((feed, part), count, n)

    def move_rows(self, rows: Iterable[tuple[str, int, int]], before: str, after: str) -> None:
        """Records of earlier batches, or counted already, that count otherwise from now on: rows of (feed, part, n)."""
        for feed, part, n in rows:
            self.changes[(feed, part)][before] -= n
            self.changes[(feed, part)][after] += n

    def uncount_rows(self, rows: Iterable[tuple[str, int, int]], count: str) -> None:
        """Records that are taken up as if they came anew: rows of (feed, part, n) counted as received and as `count` before."""
        for feed, part, n in rows:
            self.changes[(feed, part)]["received"] -= n
            self.changes[(feed, part)][count] -= n

    def apply(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Add the changes to the counters in the store.

        raises StoreError when a partition's counts would no longer add up (I1): a fault of this program, so nothing is committed.
        """
        places = list(self.changes)
        changes = pa.table(
            {"feed": [feed for feed, _ in places], "part": pa.array([part for _, part in places], pa.int32())}
            | {count: pa.array([self.changes[place][count] for place in places], pa.int64()) for count in COUNTS}
        )
        load(connection, "count_change", changes)
        connection.execute(
            "UPDATE feed_offset o SET received = o.received + c.received, accepted = o.accepted + c.accepted,"
            " duplicates = o.duplicates + c.duplicates, quarantined = o.quarantined + c.quarantined, erased = o.erased + c.erased"
            " FROM count_change c WHERE o.feed = c.feed AND o.part = c.part"
        )
        wrong = connection.execute(
            "SELECT o.feed, o.part FROM feed_offset o SEMI JOIN count_change c USING (feed, part)"
            " WHERE o.received <> o.accepted + o.duplicates + o.quarantined + o.erased"
            " OR least(o.accepted, o.duplicates, o.quarantined, o.erased) < 0"
        ).fetchall()
        if wrong:
            feed, part = wrong[0]
            raise StoreError(
                f"the counts of {feed}[{part}] do not add up to what was received; nothing of this batch was written; please report this"
            )
