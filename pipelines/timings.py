"""Where the time of a publication goes: seconds by the clock and of the processor, per step, as the manifest says them."""

import time
from collections.abc import Iterator
from contextlib import contextmanager


class Timings:
    """Seconds per named step, added up where a step comes again; steps in the order in which they first ended."""

    def __init__(self) -> None:
        self._spent: dict[str, tuple[float, float]] = {}

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Count what is done within it under a name. Steps within steps are counted in both."""
        clock, processor = time.perf_counter(), time.process_time()
        try:
            yield
        finally:
            before = self._spent.get(name, (0.0, 0.0))
            self._spent[name] = (before[0] + time.perf_counter() - clock, before[1] + time.process_time() - processor)

    def as_dict(self) -> dict[str, dict[str, float]]:
        """Step -> seconds by the clock, and of this process's processor time (another process's is in neither)."""
        return {name: {"seconds": round(clock, 3), "processor": round(used, 3)} for name, (clock, used) in self._spent.items()}
