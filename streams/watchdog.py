"""A thread that ends a worker which is behind and does not move: the process may look alive while its loop, a client or an agent hangs."""

import faulthandler
import sys
import threading
import time
from collections.abc import Callable, Mapping

from models.errors import BrokerError
from streams.halt import NO_PROGRESS, Halt
from streams.topics import Place

NO_PROGRESS_S = 120.0
LOOK_EVERY_S = 5.0


class Stall:
    """Decides, from what it is told, whether the worker is stuck. Time is an argument."""

    def __init__(self, patience_s: float, now_s: float) -> None:
        self._patience_s = patience_s
        self._moved_at = now_s
        self._seen: Mapping[tuple[str, int], int] = {}

    def is_stuck(self, now_s: float, durable: Mapping[tuple[str, int], int], n_behind: int) -> bool:
        """True when records wait and the store's offsets have stood still for longer than the patience allows."""
        if durable != self._seen or n_behind == 0:
            self._seen, self._moved_at = dict(durable), now_s
        return now_s - self._moved_at > self._patience_s


class Watchdog(threading.Thread):
    """Asks the broker for its ends with a client of its own, so that a hanging consumer cannot hide its lag.

    look     called every few seconds: returns the records that wait per partition; it may raise BrokerError (nothing is known, then)
    durable  the store's offsets
    nudge    called after a quarter of the patience: has the client read again from there, in case records got lost on the way
    """

    def __init__(
        self,
        look: Callable[[], Mapping[Place, int]],
        durable: Callable[[], Mapping[tuple[str, int], int]],
        halt: Halt,
        *,
        nudge: Callable[[], None] = lambda: None,
        patience_s: float = NO_PROGRESS_S,
        look_every_s: float = LOOK_EVERY_S,
    ) -> None:
        super().__init__(name="watchdog", daemon=True)
        self._look, self._durable, self._halt, self._nudge = look, durable, halt, nudge
        self._patience_s, self._every_s = patience_s, look_every_s
        self._ending = threading.Event()

    def stop(self) -> None:
        """Stop watching: an orderly end has its own deadline."""
        self._ending.set()

    def run(self) -> None:
        """Watch until stopped."""
        stall, pause = Stall(self._patience_s, time.monotonic()), Stall(self._patience_s / 4, time.monotonic())
        while not self._ending.is_set():
            try:
                n_behind = sum(self._look().values())
            except BrokerError:
                # A broker that is away is nobody's standstill: the clients connect again by themselves when it is back.
                n_behind = 0
            if stall.is_stuck(time.monotonic(), self._durable(), n_behind):
                self._bite(n_behind)
            if pause.is_stuck(time.monotonic(), self._durable(), n_behind):
                pause = Stall(self._patience_s / 4, time.monotonic())
                self._nudge()
            self._ending.wait(self._every_s)

    def _bite(self, n_behind: int) -> None:
        faulthandler.dump_traceback(sys.stderr, all_threads=True)
        self._halt(
            NO_PROGRESS,
            f"{n_behind} records wait and nothing was stored for {self._patience_s:.0f} s; what each thread was doing stands above. "
            "Start the worker again: it goes on at the store's offsets",
        )
