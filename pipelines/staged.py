"""What travels from the intake to the store: one stretch of records of one partition, taken apart; and what became of a batch."""

from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa


@dataclass(frozen=True)
class Staged:
    """One stretch of records of one partition (a Kafka partition, or `file:<path>` with part 0), each accepted or quarantined.

    first_offset   offset of the first record of the stretch
    next_offset    offset that follows the last record: where reading goes on once this is committed
    events         Arrow table with the columns of `event` from `event_key` to `offset`
    quarantined    Arrow table with the columns of `quarantine` less batch, retried, event_key and content_hash
    dropped        (type, field, n): names of fields that were sent but are not kept
    may_skip       the feed has holes by nature (compacted or transactional topic), so a gap before it is no fault
    fingerprint    files only: sha256 of everything from the file's start to `next_offset`
    """

    feed: str
    part: int
    first_offset: int
    next_offset: int
    events: pa.Table
    quarantined: pa.Table
    dropped: Sequence[tuple[str, str, int]] = ()
    may_skip: bool = False
    fingerprint: str | None = None

    @property
    def received(self) -> int:
        """Records in this stretch: each is an event or a quarantined record."""
        return int(self.events.num_rows + self.quarantined.num_rows)


@dataclass(frozen=True)
class BatchSummary:
    """What one committed batch did. received = accepted + duplicates + quarantined + erased (I1), over the records of this batch.

    A conflict that an older record loses to a newer one moves that older record from accepted to quarantined: `displaced` counts these, and
    they are not part of this batch's four numbers. `quarantined_by_class` splits the batch's own quarantined records.
    """

    batch: int
    received: int = 0
    accepted: int = 0
    duplicates: int = 0
    quarantined: int = 0
    erased: int = 0
    displaced: int = 0
    effects: int = 0
    quarantined_by_class: tuple[tuple[str, int], ...] = ()
