"""Doing something again and again until told to stop, with an orderly end on SIGTERM and SIGINT."""

import signal
import threading
from collections.abc import Callable
from types import FrameType


class Stopped(BaseException):
    """SIGTERM or SIGINT came in the middle of the work; what was begun is to be thrown away."""


class Cadence:
    """Call it from the main thread, which is the one that signals reach."""

    def __init__(self, every_s: float) -> None:
        self.every_s = every_s
        self._ending, self._at_work = threading.Event(), False

    def run(self, once: Callable[[], None]) -> bool:
        """Do it, wait, and again. Returns when a signal came: true when it came between two, false when it cut one short."""
        before = {name: signal.signal(name, self._stop) for name in (signal.SIGTERM, signal.SIGINT)}
        try:
            while not self._ending.is_set():
                self._at_work = True
                once()
                self._at_work = False
                self._ending.wait(self.every_s)
        except Stopped:
            return False
        finally:
            for name, handler in before.items():
                signal.signal(name, handler)
        return True

    def _stop(self, number: int, frame: FrameType | None) -> None:
        self._ending.set()
        if self._at_work:
            self._at_work = False
            raise Stopped
