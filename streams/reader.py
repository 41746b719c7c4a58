"""The validation thread: record batches in, staged stretches out, while the writer's transaction runs beside it."""

import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from models.errors import BrokerSilentError, KerneeffektError
from pipelines.intake import Stretch
from pipelines.logs import about
from pipelines.staged import Staged
from streams.batches import BatchQueue, RecordBatch
from streams.halt import INFRASTRUCTURE_FAILED, Halt
from streams.metrics import Metrics
from streams.priority import make_way
from streams.staging import StagingQueue
from streams.topics import Place

LOG = logging.getLogger(__name__)
ASK_AT_MOST = 5
ASK_AGAIN_AFTER_S = 2.0
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
        """Offset of the first record at or after `offset`; None when there is none yet. raises BrokerSilentError when nobody says."""
        ...


@dataclass(frozen=True)
class Missed:
    """How often records were asked for again, and when last (monotonic seconds)."""

    times: int = 0
    asked_at: float = 0.0


class Reader(threading.Thread):
    """Keeps each partition's order, drops what was read twice, and has records read again that the broker has but that did not arrive.

    Stops the process when they do not arrive again and again.
    """

    def __init__(
        self,
        inbox: BatchQueue,
        parser: Parser,
        staging: StagingQueue,
        holes: Holes,
        starts: Mapping[Place, int],
        metrics: Metrics,
        halt: Halt,
        read_again: Callable[[], None] = lambda: None,
        patience_s: float = ASK_AGAIN_AFTER_S,
    ) -> None:
        """starts: where each partition begins, known before anything is read, so that a first batch that begins later is seen as a hole.

        read_again: have the client go back to what the store holds
        """
        super().__init__(name="reader", daemon=True)
        self._inbox, self._parser, self._staging, self._holes, self._metrics, self._halt = inbox, parser, staging, holes, metrics, halt
        self._expected: dict[Place, int] = dict(starts)
        self._read_again, self._patience_s = read_again, patience_s
        self._missed: dict[Place, Missed] = {}
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
        is_hole = fresh.first > expected
        if is_hole and not self._is_of_broker(fresh, expected):
            return None
        self._missed.pop(batch.place, None)
        self._expected[batch.place] = fresh.next
        return fresh, is_hole or fresh.offsets is not None

    def _is_of_broker(self, batch: RecordBatch, expected: int) -> bool:
        """Whether the broker has nothing there either.

        Where it has, what is missing is asked for again, and this batch will come again too.
        """
        missed = self._missed.get(batch.place, Missed())
        if missed.times and time.monotonic() - missed.asked_at < self._patience_s:
            return False  # what was on its way when it was asked for
        if self._has_nothing_before(batch, expected):
            return True
        if missed.times >= ASK_AT_MOST:
            self._halt(
                INFRASTRUCTURE_FAILED,
                f"{batch.place}: records from offset {expected} to {batch.first - 1} did not arrive, though asked for {ASK_AT_MOST} times; "
                f"start the worker again, it goes on at {expected}",
            )
        LOG.warning("records did not arrive and are read again", extra=about(topic=batch.place.topic, partition=batch.place.partition))
        self._missed[batch.place] = Missed(missed.times + 1, time.monotonic())
        self._read_again()
        return False

    def _has_nothing_before(self, batch: RecordBatch, expected: int) -> bool:
        try:
            found = self._holes.next_record(batch.place, expected)
        except BrokerSilentError:
            return False
        return found is not None and found >= batch.first


def allowing_holes(staged: Staged) -> Staged:
    """The same stretch, marked as one of a topic that has holes by nature (compacted or transactional)."""
    return replace(staged, may_skip=True)
