"""The validation thread: record batches in, staged stretches out, while the writer's transaction runs beside it."""

import threading
import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Protocol

from models.errors import KerneeffektError
from pipelines.staged import Staged
from streams.batches import BatchQueue, RecordBatch
from streams.halt import INFRASTRUCTURE_FAILED, Halt
from streams.metrics import Metrics
from streams.staging import StagingQueue
from streams.topics import Place

MAX_RECORDS_PER_READ = 40_000
"""Two DuckDB row groups' worth: enough for both threads, little enough that the writer never waits long."""


class Parser(Protocol):
    """The record path (pipelines/intake.py)."""

    def read(self, feed: str, part: int, first_offset: int, values: list[bytes | None], offsets: list[int] | None = None) -> Staged:
        """Take the records of one partition apart: each is an event or quarantined."""
        ...


class Holes(Protocol):
    """Whoever can tell whether the broker has a record at an offset (streams/holes.py)."""

    def next_record(self, place: Place, offset: int) -> int | None:
        """Offset of the first record at or after `offset`; None when there is none yet."""
        ...


class Reader(threading.Thread):
    """Keeps each partition's order, drops what was read twice, and stops the process at a hole that the broker does not confirm."""

    def __init__(self, inbox: BatchQueue, parser: Parser, staging: StagingQueue, holes: Holes, metrics: Metrics, halt: Halt) -> None:
        super().__init__(name="reader", daemon=True)
        self._inbox, self._parser, self._staging, self._holes, self._metrics, self._halt = inbox, parser, staging, holes, metrics, halt
        self._expected: dict[Place, int] = {}
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
        try:
            while not self._ending.is_set():
                batch = self._inbox.take(MAX_RECORDS_PER_READ, timeout_s=0.5)
                if batch is not None:
                    self._read(batch)
        except KerneeffektError as error:
            self._halt(INFRASTRUCTURE_FAILED, str(error))
        except Exception as error:  # noqa: BLE001 - a thread that ended quietly would leave the worker up but stuck
            self._halt(INFRASTRUCTURE_FAILED, f"records could not be taken apart ({type(error).__name__}: {error}); start the worker again")

    def _read(self, batch: RecordBatch) -> None:
        expected = self._expected.setdefault(batch.place, batch.first)
        fresh = batch.after(expected)
        if fresh is None:
            return
        may_skip = fresh.offsets is not None
        if fresh.first > expected:
            self._confirm_hole(fresh, expected)
            may_skip = True
        began = time.perf_counter()
        staged = self._parser.read(batch.place.topic, batch.place.partition, fresh.first, fresh.values, fresh.offsets)
        self._metrics.observe_validation(time.perf_counter() - began)
        self._expected[batch.place] = fresh.next
        self._staging.put(allowing_holes(staged) if may_skip else staged, fresh.n_bytes)

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
