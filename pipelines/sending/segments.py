"""Events into the folder of a file feed, safe as soon as they are taken: in a hidden file, which is made visible whole now and then."""

import datetime as dt
import fcntl
import os
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import IO

from models.errors import ConfigurationError
from pipelines.sending.deliveries import sync_folder

VISIBLE_AFTER_S = 30.0
MOST_BYTES = 64 << 20
_OPEN = ".intake-"
_WRITING = ".part"


class SegmentDelivery:
    """Appends events to a hidden file and syncs it before `put` returns; `replay` reads `*.ndjson`, which appear whole.

    folder           one process at a time: a second one is refused
    visible_after_s  so long after its first event a file becomes visible; it also does when it is large, and at the end

    What a process left open when it was killed becomes visible at the next start, without a last line that was cut off: nobody was told
    that it was taken.
    """

    at_once = True

    def __init__(self, folder: Path, visible_after_s: float = VISIBLE_AFTER_S, most_bytes: int = MOST_BYTES) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder, self._visible_after_s, self._most_bytes = folder, visible_after_s, most_bytes
        self._held = _hold(folder)
        self._lock, self._ended = threading.Lock(), threading.Event()
        self._file: IO[bytes] | None = None
        self._part = folder
        self._since = 0.0
        self._n = 0
        for left in sorted(folder.glob(f"{_OPEN}*{_WRITING}")):
            _cut_to_whole_lines(left)
            self._show(left)
        threading.Thread(target=self._watch, name="segments", daemon=True).start()

    def put(self, events: Sequence[bytes]) -> None:
        """Write events and sync; OSError where the disk refuses: then none of them counts as taken."""
        text = b"".join(event.replace(b"\n", b" ").replace(b"\r", b" ") + b"\n" for event in events)
        with self._lock:
            file = self._file or self._open()
            start = file.tell()
            try:
                file.write(text)
                os.fsync(file.fileno())
            except OSError:
                file.truncate(start)
                file.seek(start)
                raise
            if file.tell() >= self._most_bytes:
                self._make_visible()

    def finish(self) -> str:
        """Make visible what is open and let the folder go."""
        self._ended.set()
        with self._lock:
            self._make_visible()
        self._held.close()
        return str(self._folder)

    def _open(self) -> IO[bytes]:
        self._n += 1
        name = f"{_OPEN}{dt.datetime.now(dt.UTC):%Y%m%dT%H%M%S%f}-{os.getpid()}-{self._n:06d}{_WRITING}"
        self._part = self._folder / name
        handle = os.open(self._part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        self._file, self._since = os.fdopen(handle, "wb", buffering=0), time.monotonic()
        sync_folder(self._folder)
        return self._file

    def _make_visible(self) -> None:
        if self._file is not None:
            self._file.close()
            self._show(self._part)
            self._file = None

    def _show(self, part: Path) -> None:
        if part.stat().st_size:
            os.replace(part, self._folder / f"{part.name.removeprefix('.').removesuffix(_WRITING)}.ndjson")
        else:
            part.unlink()
        sync_folder(self._folder)

    def _watch(self) -> None:
        while not self._ended.wait(min(1.0, self._visible_after_s / 2)):
            with self._lock:
                if self._file is not None and time.monotonic() - self._since >= self._visible_after_s:
                    self._make_visible()


def _hold(folder: Path) -> IO[bytes]:
    held = (folder / ".intake.lock").open("ab")
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        held.close()
        raise ConfigurationError(f"another intake writes to {folder}; give each a folder of its own") from None
    return held


def _cut_to_whole_lines(part: Path) -> None:
    content = part.read_bytes()
    whole = content.rfind(b"\n") + 1
    if whole != len(content):
        os.truncate(part, whole)
