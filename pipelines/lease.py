"""The right to use a store: one process at a time, held by a lock that the kernel gives back when the process dies."""

import fcntl
import os
from pathlib import Path
from types import TracebackType

from models.errors import StoreBusyError, StoreError


class Lease:
    """An exclusive flock on `<store>/lease`, which names its holder. A context manager; also released by `release`.

    The file says whether the holder let go in an orderly way, so that the next one knows when to look at the store with more care.
    """

    def __init__(self, folder: Path, purpose: str = "kerneeffekt") -> None:
        """Take the lease at once, without waiting.

        raises StoreBusyError when another process holds it; StoreError when the folder cannot be written.
        """
        self.path = folder / "lease"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._file = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise StoreError(
                f"the store folder {folder} cannot be used: {error.strerror}; expected a folder that this user may write"
            ) from error
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            holder = self._read()
            os.close(self._file)
            raise StoreBusyError(
                f"the store {folder} is in use by {holder or 'another process'}; stop that first, or wait for it to end"
            ) from error
        self.was_left_in_order = not self._read()
        self._write(f"process {os.getpid()} ({purpose})")

    def release(self, in_order: bool = True) -> None:
        """Let go; `in_order` false tells the next holder to be careful. Doing it twice is harmless."""
        if self._file >= 0:
            self._write("" if in_order else "nobody: the last process let go after a fault")
            os.close(self._file)
            self._file = -1

    def __enter__(self) -> "Lease":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.release()

    def _read(self) -> str:
        return os.pread(self._file, 200, 0).decode("utf-8", "replace").strip()

    def _write(self, text: str) -> None:
        # A full disk must not keep anybody from letting go; the lock is the flock, the text is only for people.
        try:
            os.ftruncate(self._file, 0)
            os.pwrite(self._file, text.encode(), 0)
        except OSError:
            return
