"""The validation thread: record batches in, staged stretches out, while the writer's transaction runs beside it."""

import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Protocol

from models.errors import KerneeffektError
from pipelines.intake import Stretch
from pipelines.staged import Staged
from streams.batches import BatchQueue, RecordBatch
from streams.halt import INFRASTRUCTURE_FAILED, Halt
from streams.metrics import Metrics
from streams.priority import make_way
from streams.staging import StagingQueue
from streams.topics import Place

MAX_RECORDS_PER_READ = 65_536
"""A slice for each of both threads: enough to outweigh what a statement costs whatever it reads, little enough that the writer never
waits long."""


class Parser(Protocol):
    """The record path (pipelines/intake.py)."""

    def read_all(self, stretches: Sequence[Stretch]) -> list[Staged]:
        """Take the records of several partitions apart: each is an event or quarantined."""
        ...


class Holes(Protocol):
    """Whoever can tell whether the broker has a record at an offset (streams/holes.py)."""

    def next_record(self, place: Place, offset: int) -> int | None:
        """Offset of the first record at or after `offset`; None when there is none yet."""
        ...


class Reader(threading.Thread):
    """Keeps each partition's order, drops what was read twice, and stops the process at a hole that the broker does not confirm."""

    def __init__(
        self,
        inbox: BatchQueue,
        parser: Parser,
        staging: StagingQueue,
        holes: Holes,
        starts: Mapping[Place, int],
        metrics: Metrics,
        halt: Halt,
    ) -> None:
        """starts: where each partition begins, known before anything is read, so that a first batch that begins later is seen as a hole."""
        super().__init__(name="reader", daemon=True)
        self._inbox, self._parser, self._staging, self._holes, self._metrics, self._halt = inbox, parser, staging, holes, metrics, halt
        self._expected: dict[Place, int] = dict(starts)
        self._ending = threading.Event()

    def start_at(self, starts: Mapping[Place, int]) -> None:
        """Where reading was set to begin: called when the consumer was seeked.

        A partition that was read further than that keeps its place, for the records in between are on their way to the store already.
        """
        for place, offset in starts.items():
            self._expected.setdefault(place, offset)

    def stop(self) -> None:
        """End after the batch at hand."""
        self._ending.set()

    def run(self) -> None:
        """Read until stopped; whatever goes wrong ends the process."""
        make_way()
        try:
            while not self._ending.is_set():
                self._staging.flow(self._inbox.n_bytes > 0)
                batches = self._inbox.take_all(MAX_RECORDS_PER_READ, timeout_s=0.5)
                if batches:
                    self._staging.flow(True)
                    self._read(batches)
        except KerneeffektError as error:
            self._halt(INFRASTRUCTURE_FAILED, str(error))
        except Exception as error:  # noqa: BLE001 - a thread that ended quietly would leave the worker up but stuck
            self._halt(INFRASTRUCTURE_FAILED, f"records could not be taken apart ({type(error).__name__}: {error}); start the worker again")

    def _read(self, batches: list[RecordBatch]) -> None:
        fresh = [each for each in map(self._fresh, batches) if each is not None]
        began = time.perf_counter()
        read = self._parser.read_all(
            [Stretch(batch.place.topic, batch.place.partition, batch.first, batch.values, batch.offsets) for batch, _ in fresh]
        )
        self._metrics.observe_validation(time.perf_counter() - began)
        for (batch, may_skip), staged in zip(fresh, read, strict=True):
            self._staging.put(allowing_holes(staged) if may_skip else staged, batch.n_bytes)

    def _fresh(self, batch: RecordBatch) -> tuple[RecordBatch, bool] | None:
        """What of a batch was not read before, and whether it may have holes; None when nothing is left."""
        expected = self._expected.setdefault(batch.place, batch.first)
        fresh = batch.after(expected)
        if fresh is None:
            return None
        may_skip = fresh.offsets is not None
        if fresh.first > expected:
            self._confirm_hole(fresh, expected)
            may_skip = True
        self._expected[batch.place] = fresh.next
        return fresh, may_skip

    def _confirm_hole(self, batch: RecordBatch, expected: int) -> None:
        found = self._holes.next_record(batch.place, expected)
        if found is None or found < batch.first:
            self._halt(
                INFRASTRUCTURE_FAILED,
                f"{batch.place}: records from offset {expected} to {batch.first - 1} did not arrive; "
                f"start the worker again, it goes on at {expected}",
            )


def allowing_holes(staged: Staged) -> Staged:
    """The same stretch, marked as one of a topic that has holes by nature (compacted or transactional)."""
    return replace(staged, may_skip=True)
