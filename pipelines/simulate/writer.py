"""Writes the invented events as JSON Lines in the order in which the source systems recorded them, with little memory.

Citizens are drawn one after another, but a real feed comes by time. So lines go to one temporary file per month of recording, and the
months are sorted one by one at the end.
"""

import datetime as dt
import shutil
import tempfile
from collections import Counter
from pathlib import Path
from random import Random
from types import TracebackType
from typing import IO, Any

import orjson

LAG_DAYS = (0, 0, 0, 0, 1, 1, 2, 3, 5, 9)
VERY_LATE_SHARE = 0.01
REPEATED_SHARE = 0.01
SEPARATOR = b"\t"


class EventWriter:
    """Gives events their envelope and times, repeats a few, and leaves out what had not been recorded when the file was made.

    until   the day on which the file is made; whatever is recorded later is not in it
    """

    def __init__(self, out: Path, random: Random, until: dt.date) -> None:
        self.out = out
        self.random = random
        self.until = until
        self.counts: Counter[str] = Counter()
        self.types: Counter[str] = Counter()
        self._buckets: dict[str, IO[bytes]] = {}
        self._folder = Path()
        self._last_id = 0

    def __enter__(self) -> "EventWriter":
        self._folder = Path(tempfile.mkdtemp(prefix=".simulate-", dir=self.out.parent))
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        for bucket in self._buckets.values():
            bucket.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def event(self, name: str, subject: str, on: dt.date, data: dict[str, Any], *, lag_days: int | None = None) -> tuple[str, str]:
        """Write one event that happened on a local day; returns its source and id.

        name      family.fact
        lag_days  how many days later it was recorded; none: drawn, mostly within days, one in a hundred within weeks
        """
        self._last_id += 1
        source, identifier = f"urn:invented:{name.partition('.')[0]}", f"inv-{self._last_id}"
        lag = self._lag() if lag_days is None else lag_days
        # Between 8 and 15 in UTC is the same calendar day in Denmark, summer and winter.
        clock = f"T{self.random.randrange(8, 15):02d}:{self.random.randrange(60):02d}:00Z"
        recorded = on + dt.timedelta(days=lag)
        envelope = {
            "specversion": "1.0",
            "id": identifier,
            "source": source,
            "type": f"dk.kerneopgave.{name}.v1",
            "subject": subject,
            "time": f"{on}{clock}",
            "recordedtime": f"{recorded}{clock}" if lag else f"{on}{clock}",
            "data": data,
        }
        self.types[name] += 1
        self._line(orjson.dumps(envelope), recorded, envelope["recordedtime"])
        return source, identifier

    def raw(self, line: bytes, recorded: dt.date, what: str) -> None:
        """Write a line as it stands: bad records, and events that contradict earlier ones."""
        self.counts[what] += 1
        self._line(line, recorded, f"{recorded}T15:00:00Z", may_repeat=False)

    def _lag(self) -> int:
        return self.random.randrange(10, 60) if self.random.random() < VERY_LATE_SHARE else self.random.choice(LAG_DAYS)

    def _line(self, line: bytes, recorded: dt.date, recorded_at: Any, *, may_repeat: bool = True) -> None:
        if recorded > self.until:
            self.counts["not recorded yet"] += 1
            return
        entry = recorded_at.encode() + SEPARATOR + line + b"\n"
        bucket = self._bucket(recorded)
        bucket.write(entry)
        self.counts["lines"] += 1
        if may_repeat and self.random.random() < REPEATED_SHARE:
            bucket.write(entry)
            self.counts["lines"] += 1
            self.counts["repeated"] += 1

    def _bucket(self, recorded: dt.date) -> IO[bytes]:
        month = f"{recorded:%Y-%m}"
        if month not in self._buckets:
            self._buckets[month] = (self._folder / month).open("wb", buffering=1 << 18)
        return self._buckets[month]

    def finish(self) -> int:
        """Put the months together under the file's own name, at once or not at all; returns the file's size in bytes."""
        whole = self._folder / "whole"
        with whole.open("wb") as target:
            for month in sorted(self._buckets):
                self._buckets[month].close()
                lines = (self._folder / month).read_bytes().splitlines(keepends=True)
                lines.sort(key=lambda line: line[: line.index(SEPARATOR)])
                target.writelines(line[line.index(SEPARATOR) + 1 :] for line in lines)
        size = whole.stat().st_size
        whole.replace(self.out)
        return size
