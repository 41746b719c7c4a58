"""Record batches, and the bounded queue between the event loop and the threads that work on them."""

import asyncio
import threading
from bisect import bisect_left
from collections import deque
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from streams.topics import Place


@dataclass(frozen=True, slots=True)
class RecordBatch:
    """Records of one partition, in offset order, as the broker keeps them.

    offsets  of each record, where they have holes (compaction, transactions); None when they follow one another from `first`
    """

    place: Place
    first: int
    values: list[bytes | None]
    n_bytes: int
    offsets: list[int] | None = None

    @property
    def next(self) -> int:
        """The offset after the last record."""
        return self.offsets[-1] + 1 if self.offsets else self.first + len(self.values)

    @classmethod
    def of(cls, place: Place, records: list[Any]) -> "RecordBatch":
        """From a client's records (`offset`, `value`), at least one."""
        first, values = records[0].offset, [record.value for record in records]
        holes = records[-1].offset - first + 1 != len(records)
        n_bytes = sum(map(len, filter(None, values)))
        return cls(place, first, values, n_bytes, [record.offset for record in records] if holes else None)

    def after(self, offset: int) -> "RecordBatch | None":
        """What of this batch lies at or after an offset; None when nothing does."""
        if self.first >= offset:
            return self
        if self.next <= offset:
            return None
        cut = bisect_left(self.offsets, offset) if self.offsets else offset - self.first
        offsets = self.offsets[cut:] if self.offsets else None
        values = self.values[cut:]
        return RecordBatch(self.place, offsets[0] if offsets else offset, values, sum(map(len, filter(None, values))), offsets)

    def join(self, others: "list[RecordBatch]") -> "RecordBatch":
        """This batch and those that follow it, as one."""
        if not others:
            return self
        batches = [self, *others]
        values = [value for batch in batches for value in batch.values]
        holes = any(batch.offsets for batch in batches) or any(one.next != other.first for one, other in pairwise(batches))
        offsets = [offset for batch in batches for offset in batch.offsets or range(batch.first, batch.next)] if holes else None
        return RecordBatch(self.place, self.first, values, sum(batch.n_bytes for batch in batches), offsets)


class BatchQueue:
    """Batches from the event loop to one thread, bounded by bytes.

    `put` waits on the loop while the queue is full; `take` blocks its thread. Nothing is dropped.
    """

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._batches: deque[RecordBatch] = deque()
        self._n_bytes = 0
        self._closed = False
        self._changed = threading.Condition()
        self._waiting: list[tuple[asyncio.AbstractEventLoop, asyncio.Future[None]]] = []

    @property
    def n_bytes(self) -> int:
        """Bytes waiting."""
        return self._n_bytes

    async def put(self, batch: RecordBatch) -> None:
        """Append a batch; waits while the queue is full.

        A batch put into a closed queue is gone: it will be read again after the restart.
        """
        while not self._offer(batch):
            loop = asyncio.get_running_loop()
            room: asyncio.Future[None] = loop.create_future()
            with self._changed:
                if self._has_room():
                    continue
                self._waiting.append((loop, room))
            await room

    def _offer(self, batch: RecordBatch) -> bool:
        with self._changed:
            if self._closed:
                return True
            if not self._has_room():
                return False
            self._batches.append(batch)
            self._n_bytes += batch.n_bytes
            self._changed.notify()
            return True

    def _has_room(self) -> bool:
        return self._closed or self._n_bytes < self._max_bytes

    def take(self, max_records: int, timeout_s: float) -> RecordBatch | None:
        """The oldest batch, joined with those of its partition that follow it, up to so many records.

        None after the timeout, or when closed.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._batches or self._closed, timeout_s)
            if self._closed or not self._batches:
                return None
            taken = self._take_following(max_records)
            self._n_bytes -= taken.n_bytes
            self._wake()
            return taken

    def take_all(self, max_records: int, timeout_s: float) -> list[RecordBatch]:
        """What waits, up to about so many records: one batch per partition, each partition's records in order.

        Empty after the timeout, or when closed.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._batches or self._closed, timeout_s)
            taken: list[RecordBatch] = []
            while self._batches and not self._closed and sum(len(batch.values) for batch in taken) < max_records:
                taken.append(self._take_following(max_records))
            self._n_bytes -= sum(batch.n_bytes for batch in taken)
            self._wake()
            return taken

    def _take_following(self, max_records: int) -> RecordBatch:
        first = self._batches.popleft()
        n_records, following, rest = len(first.values), [], deque[RecordBatch]()
        reached = first.next
        for batch in self._batches:
            if batch.place == first.place and batch.first == reached and n_records + len(batch.values) <= max_records:
                following.append(batch)
                reached, n_records = batch.next, n_records + len(batch.values)
            else:
                rest.append(batch)
        self._batches = rest
        return first.join(following)

    def close(self) -> None:
        """Let nobody wait any longer, on either side."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
            self._wake()

    def _wake(self) -> None:
        waiting, self._waiting = self._waiting, []
        for loop, room in waiting:
            loop.call_soon_threadsafe(_let_in, room)


def _let_in(room: "asyncio.Future[None]") -> None:
    if not room.done():  # the one who waited may have been cancelled
        room.set_result(None)
