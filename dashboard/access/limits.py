"""Limits on how often somebody may ask, and how often a password may be tried. In memory, bounded, per process."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

MOST_KEPT = 10_000
"""So many askers are remembered; the longest silent are forgotten first."""


class Bucket:
    """So many times a minute for each asker, in bursts of up to half a minute's worth (token bucket)."""

    def __init__(self, per_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate, self._burst = per_minute / 60, max(1.0, per_minute / 2)
        self._clock = clock
        self._levels: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._lock = threading.Lock()

    def take(self, asker: str) -> float:
        """Count one request; returns 0 when it may go on, else the seconds after which one may."""
        now = self._clock()
        with self._lock:
            level, at = self._levels.pop(asker, (self._burst, now))
            level = min(self._burst, level + (now - at) * self._rate)
            wait = 0.0 if level >= 1 else (1 - level) / self._rate
            self._levels[asker] = (level if wait else level - 1, now)
            while len(self._levels) > MOST_KEPT:
                self._levels.popitem(last=False)
        return wait


@dataclass
class _Failures:
    n: int
    since: float


class Attempts:
    """Failed attempts in a window of time, by whatever they are counted by: a name, an address."""

    def __init__(self, most: int, window_s: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._most, self._window, self._clock = most, window_s, clock
        self._failures: OrderedDict[str, _Failures] = OrderedDict()
        self._lock = threading.Lock()

    def wait(self, key: str) -> float:
        """0 when another attempt may be made, else the seconds until it may."""
        with self._lock:
            found = self._failures.get(key)
            left = 0.0 if found is None else found.since + self._window - self._clock()
            return left if found is not None and found.n >= self._most and left > 0 else 0.0

    def failed(self, key: str) -> None:
        """Count a failure."""
        now = self._clock()
        with self._lock:
            found = self._failures.pop(key, None)
            if found is None or found.since + self._window <= now:
                found = _Failures(0, now)
            found.n += 1
            self._failures[key] = found
            while len(self._failures) > MOST_KEPT:
                self._failures.popitem(last=False)

    def succeeded(self, key: str) -> None:
        """Forget what was counted."""
        with self._lock:
            self._failures.pop(key, None)
