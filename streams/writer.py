"""The writer thread: all that waits, in one transaction; then, and only then, the offsets are told to the rest of the worker."""

import threading
import time
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from models.errors import KerneeffektError, StoreMemoryError
from pipelines.staged import BatchSummary, Staged
from streams.halt import INFRASTRUCTURE_FAILED, Halt
from streams.memory import give_back
from streams.metrics import Metrics
from streams.positions import Positions
from streams.staging import StagingQueue
from streams.topics import Place

CHECK_EVERY_S = 3600.0


class BatchStore(Protocol):
    """The store (pipelines/store.py), as far as the worker uses it. Every call from the writer thread only."""

    def offsets(self) -> dict[tuple[str, int], int]:
        """The next offset of every partition and file read so far."""
        ...

    def claim(self) -> None:
        """Take every partition over from a process that may still believe it owns them."""
        ...

    def commit(self, stretches: list[Staged]) -> BatchSummary:
        """One transaction: all of it is stored or none."""
        ...

    def changed_effects(self, after_batch: int) -> Any:
        """Effect versions of the batches that come next, as an Arrow table with the columns of `effect`; empty when there are no more."""
        ...

    def effects_sent_through(self) -> int:
        """The last batch whose effect versions are known to be on the topic."""
        ...

    def note_effects_sent(self, batch: int) -> None:
        """Remember that effect versions through this batch are on the topic."""
        ...


class EffectOutlet(Protocol):
    """Where effect versions go after the commit (streams/effects.py)."""

    @property
    def idle(self) -> bool:
        """Nothing is being sent."""
        ...

    @property
    def sent_through(self) -> int:
        """The last batch whose effect versions the broker has acknowledged."""
        ...

    def offer(self, versions: Any, through_batch: int) -> None:
        """Send these versions; only while idle."""
        ...


class Writer(threading.Thread):
    """The only thread that touches the store while the worker runs.

    An infrastructure fault ends the process: the transaction is undone by the store, and the next start goes on at the store's offsets.
    """

    def __init__(
        self,
        store: BatchStore,
        staging: StagingQueue,
        positions: Positions,
        outlet: EffectOutlet,
        metrics: Metrics,
        halt: Halt,
        check: Callable[[], Mapping[str, int]] = dict,
        between_batches: Callable[[], object] = bool,
    ) -> None:
        """Both callables run on this thread, with no transaction open.

        check            counts violations of the store's invariants; once an hour
        between_batches  what others may ask of the store's connection; several times a second
        """
        super().__init__(name="writer", daemon=True)
        self._store, self._staging, self._positions, self._outlet = store, staging, positions, outlet
        self._metrics, self._halt, self._check, self._between_batches = metrics, halt, check, between_batches
        self.n_records = self.n_batches = 0
        self.last_commit_at = 0.0
        self._ending = threading.Event()
        self._checked_at = time.monotonic()
        self._last_batch = self._noted = store.effects_sent_through()
        self._effects_due = True

    def stop(self) -> None:
        """End after the transaction at hand."""
        self._ending.set()

    @property
    def all_sent(self) -> bool:
        """Every effect version is on the topic, and the store knows it."""
        return not self._effects_due and self._outlet.idle and self._noted == self._outlet.sent_through

    def run(self) -> None:
        """Write until stopped; whatever goes wrong ends the process."""
        try:
            while not self._ending.is_set():
                if self._commit_what_waits():
                    give_back()
                self._pass_effects_on()
                self._between_batches()
                self._check_invariants_hourly()
        except KerneeffektError as error:
            self._halt(INFRASTRUCTURE_FAILED, str(error))
        except Exception as error:  # noqa: BLE001 - a thread that ended quietly would leave the worker up but stuck
            self._halt(
                INFRASTRUCTURE_FAILED,
                f"a batch could not be stored ({type(error).__name__}: {str(error).splitlines()[0] if str(error) else 'no message'}); "
                "nothing of it was written, start the worker again",
            )

    def _commit_what_waits(self) -> bool:
        """Whether there was anything; nothing of it is held any longer when this returns."""
        stretches = self._staging.take(timeout_s=0.2)
        if stretches:
            self._commit(stretches)
        return bool(stretches)

    def _commit(self, stretches: list[Staged]) -> None:
        """One transaction; where it needs more memory than the store may use, two of half the size, down to single stretches."""
        try:
            self._commit_once(stretches)
        except StoreMemoryError:
            if len(stretches) == 1:
                raise
            half = len(stretches) // 2
            self._commit(stretches[:half])
            self._commit(stretches[half:])

    def _commit_once(self, stretches: list[Staged]) -> None:
        began = time.perf_counter()
        summary = self._store.commit(stretches)
        self._positions.move({Place(stretch.feed, stretch.part): stretch.next_offset for stretch in stretches})
        self._metrics.count_commit(stretches, summary, time.perf_counter() - began)
        self.n_records, self.n_batches, self.last_commit_at = self.n_records + summary.received, self.n_batches + 1, time.perf_counter()
        self._last_batch = max(self._last_batch, summary.batch)
        self._effects_due = self._effects_due or summary.effects > 0

    def _check_invariants_hourly(self) -> None:
        if time.monotonic() - self._checked_at > CHECK_EVERY_S:
            self._metrics.show_violations(self._check())
            self._checked_at = time.monotonic()

    def _pass_effects_on(self) -> None:
        """Hand the outlet what is new. While it is busy, versions gather in the store: nothing is held in memory for it."""
        outlet = self._outlet
        if not outlet.idle:
            return
        if outlet.sent_through > self._noted:
            self._noted = outlet.sent_through
            self._store.note_effects_sent(self._noted)
        if self._effects_due:
            versions = self._store.changed_effects(self._noted)
            self._effects_due = versions.num_rows > 0
            if self._effects_due:
                outlet.offer(versions, int(versions["batch"][-1].as_py()))
