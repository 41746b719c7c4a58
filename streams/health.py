"""Whether the worker does its work: asked by `/healthz` and `/readyz`, and answered from what can be seen of it."""

import os
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from pipelines.database import FILE, MINIMUM_FREE_BYTES
from pipelines.telemetry import Health
from streams.metrics import Metrics

SLOW_S = 60.0
"""Records wait and none was stored for so long: not ready."""


class WorkerHealth:
    """What is known of one worker. Safe to ask from any thread.

    patience_s  the watchdog's: a worker that stands still for longer should be started again
    """

    def __init__(self, store: Path, metrics: Metrics, threads: Sequence[threading.Thread], patience_s: float) -> None:
        self._store, self._metrics, self._threads, self._patience_s = store, metrics, threads, patience_s
        self._reading = self._ending = False
        self._silent_since: float | None = None

    def reads(self) -> None:
        """It has begun to read."""
        self._reading = True

    def ends(self) -> None:
        """It was told to stop, or is caught up."""
        self._ending = True

    def broker_answered(self, yes: bool) -> None:
        """What the watchdog's own client saw."""
        if yes:
            self._silent_since = None
        elif self._silent_since is None:
            self._silent_since = time.monotonic()

    def now(self) -> Health:
        """What there is to say at this moment."""
        said = Health(
            failing=tuple(filter(None, (self._standstill(self._patience_s), self._lost_thread()))),
            waiting=tuple(
                filter(None, (self._phase(), self._standstill(SLOW_S), self._silent_broker(), self._no_store(), self._no_space()))
            ),
            about={"records_waiting": self._metrics.n_behind, "seconds_since_progress": round(self._metrics.seconds_since_progress(), 1)},
        )
        self._metrics.show("kerneeffekt_worker_ready", not said.reasons)
        return said

    def _phase(self) -> str:
        return "it is ending" if self._ending else "" if self._reading else "it is starting"

    def _standstill(self, longer_than_s: float) -> str:
        seconds = self._metrics.seconds_since_progress()
        return f"{self._metrics.n_behind} records wait and none was stored for {seconds:.0f} s" if seconds > longer_than_s else ""

    def _lost_thread(self) -> str:
        lost = [thread.name for thread in self._threads if self._reading and not self._ending and not thread.is_alive()]
        return f"the thread {lost[0]} has ended" if lost else ""

    def _silent_broker(self) -> str:
        since = self._silent_since
        return "" if since is None else f"the broker has not answered for {time.monotonic() - since:.0f} s"

    def _no_store(self) -> str:
        usable = (self._store / FILE).is_file() and os.access(self._store, os.W_OK | os.X_OK)
        return "" if usable else "the store's file is gone, or its folder cannot be written"

    def _no_space(self) -> str:
        return _said_of_space(lambda: os.statvfs(self._store))


def _said_of_space(ask: Callable[[], os.statvfs_result]) -> str:
    try:
        volume = ask()
    except OSError as error:
        return f"the store's volume cannot be asked ({error.strerror})"
    free = volume.f_bavail * volume.f_frsize
    return (
        f"{free >> 20} MiB are free for the store, at least {MINIMUM_FREE_BYTES >> 20} MiB are needed" if free < MINIMUM_FREE_BYTES else ""
    )
