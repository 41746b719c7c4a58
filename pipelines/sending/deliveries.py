"""Where events are put so that they are not lost: a file of the file feed, whole or not at all. (On Kafka: `streams/send.py`.)"""

import hashlib
import os
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self


class Delivery(Protocol):
    """Takes events, one JSON document each."""

    at_once: bool
    """Whether what `put` took is safe when it returns; else it is when `finish` does."""

    def put(self, events: Sequence[bytes]) -> None:
        """Take events."""
        ...

    def finish(self) -> str:
        """Make all of it safe; returns where it is, in words."""
        ...


class Nowhere:
    """Takes events and keeps nothing: a trial run."""

    at_once = False

    def put(self, events: Sequence[bytes]) -> None:
        """Let them go."""

    def finish(self) -> str:
        """Nothing was kept."""
        return "nowhere: a trial run"


class FileDelivery:
    """A new file of JSON Lines that appears whole, mode 0600, when it is finished. A context manager: left early, nothing appears.

    target  a file, which is replaced; or a folder, in which the file is named by what is in it: the same events make the same file
    """

    at_once = False

    def __init__(self, target: Path, stem: str = "events") -> None:
        self._folder = target if target.is_dir() else target.parent
        self._target = None if target.is_dir() else target
        self._stem, self._hash, self._n = stem, hashlib.sha256(), 0
        self._folder.mkdir(parents=True, exist_ok=True)
        self._part = self._folder / f".{target.name if self._target else stem}.{os.getpid()}.part"
        self._file = os.fdopen(os.open(self._part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600), "wb")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._file.close()
        self._part.unlink(missing_ok=True)

    def put(self, events: Sequence[bytes]) -> None:
        """Write events to the file that is not there yet."""
        if events:
            self._file.write(b"\n".join(events) + b"\n")
            self._hash.update(b"".join(events))
            self._n += len(events)

    def finish(self) -> str:
        """Let the file appear. Without any event none does."""
        if not self._n:
            return "nowhere: there was nothing to send"
        target = self._target or self._folder / f"{self._stem}-{self._hash.hexdigest()[:16]}.ndjson"
        self._file.flush()
        os.fsync(self._file.fileno())
        os.replace(self._part, target)
        sync_folder(self._folder)
        return str(target)


def sync_folder(folder: Path) -> None:
    """Make a rename in a folder outlast a power cut."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
