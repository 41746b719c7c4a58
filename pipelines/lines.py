"""Reading a file of events in large pieces, plain, .gz or .zst. A line longer than any record may be is cut, so memory is bounded."""

import hashlib
import stat
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Protocol

import zstandard

from models.errors import ConfigurationError, KerneeffektError

BATCH_LINES = 100_000
BATCH_BYTES = 32 * 1024 * 1024
LONGEST_LINE = 2 * 1024 * 1024
"""A record may be 1 MiB; of a longer line only so much is handed on, which is enough for the intake to refuse it."""

_BOM = b"\xef\xbb\xbf"
_PIECE = 1024 * 1024


@dataclass(frozen=True)
class Lines:
    """Some lines of a file in order, without their newlines.

    fingerprint   sha256 of the file's unpacked bytes from its start to the end of these lines
    bytes_read    how far into the file (packed) reading has come, for progress
    """

    values: list[bytes]
    fingerprint: str
    bytes_read: int


class LineFile:
    """A file of events, read once from the start. A context manager."""

    def __init__(self, path: Path) -> None:
        """Open a file; ConfigurationError when it is missing, no regular file, or may not be read."""
        try:
            self.size = _size_of(path)
            self._file = path.open("rb")
        except FileNotFoundError:
            raise ConfigurationError(f"no such file: {path}; expected a file of events, JSON Lines, plain or .gz or .zst") from None
        except OSError as error:
            raise ConfigurationError(f"{path} cannot be read: {error.strerror}; expected a file of events") from error
        except ValueError:
            raise ConfigurationError("the name of a file of events holds a zero byte") from None
        self.path = path
        self._stream = _unpacked(self._file)
        self._hash = hashlib.sha256()
        self._pending: list[bytes] = []
        self._rest: bytes | None = b""  # None at the end of the file
        self._is_start = True
        self._fault: Exception | None = None

    def __enter__(self) -> "LineFile":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()

    def skip(self, n: int) -> str | None:
        """Read past the first n lines; the fingerprint of what was read past, or None when the file has fewer lines."""
        left = n
        while left:
            lines = self.next(min(left, BATCH_LINES))
            if lines is None:
                return None
            left -= len(lines.values)
        return self._hash.hexdigest()

    def batches(self) -> Iterator[Lines]:
        """The lines that are left, so many at a time as make a good batch."""
        while (lines := self.next(BATCH_LINES)) is not None:
            yield lines

    def next(self, n_lines: int) -> Lines | None:
        """Up to n lines and about 32 MiB, at least one line; None at the end of the file.

        raises KerneeffektError when a packed file is cut off or damaged, once everything before that is handed out.
        """
        size = 0
        # Without a line there is no batch yet, however much was read: a line of a size beyond all bounds is no end of the file.
        while self._rest is not None and len(self._pending) < n_lines and (size < BATCH_BYTES or not self._pending):
            size += self._read_piece()
        values, self._pending = self._pending[:n_lines], self._pending[n_lines:]
        if not values:
            if self._fault is not None:
                raise KerneeffektError(
                    f"{self.path} is cut off or damaged; everything before that place is read: mend the file and run again"
                )
            return None
        self._hash.update(b"\n".join(values))
        self._hash.update(b"\n")
        return Lines(values, self._hash.hexdigest(), self._file.tell())

    def _read_piece(self) -> int:
        """Take up one more piece of the file; returns its size in bytes."""
        try:
            piece = self._stream.read(_PIECE)
        except (EOFError, OSError, zlib.error, zstandard.ZstdError) as error:
            self._fault, self._rest = error, None
            return 0
        if self._is_start:
            piece, self._is_start = piece.removeprefix(_BOM), False
        rest = self._rest or b""
        if not piece:
            # What follows the last newline is a line too, unless it is nothing.
            self._pending += [rest[:LONGEST_LINE]] if rest else []
            self._rest = None
            return 0
        first, *others = (rest + piece).split(b"\n")
        if not others:
            self._rest = first[:LONGEST_LINE]
        else:
            self._pending.append(first[:LONGEST_LINE])
            self._rest = others.pop()
            self._pending += others
        return len(piece)


def _size_of(path: Path) -> int:
    """Devices never end, and pipes have no beginning to which a later run could return."""
    found = path.stat()
    if not stat.S_ISREG(found.st_mode):
        raise ConfigurationError(f"{path} cannot be read: it is no regular file; expected a file of events")
    return found.st_size


class _Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...


class _Gzip:
    """Gzip members one after another. Hands out all that is whole before it says that a file is cut off."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file, self._packed, self._member = file, b"", _member()
        self._is_within = False

    def read(self, size: int, /) -> bytes:
        """Up to `size` unpacked bytes; nothing at the end. EOFError when the last member has no end, zlib.error when one is damaged."""
        while True:
            if self._member.eof:
                self._packed, self._member, self._is_within = self._member.unused_data, _member(), False
            self._packed = self._packed or self._file.read(_PIECE)
            if not self._packed:
                if self._is_within:
                    raise EOFError
                return b""
            self._is_within = True
            piece = self._member.decompress(self._packed, size)
            self._packed = self._member.unconsumed_tail
            if piece:
                return piece


def _member() -> "zlib._Decompress":
    return zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)


def _unpacked(file: IO[bytes]) -> _Readable:
    """The file's bytes, unpacked when it begins like a gzip or Zstandard file, whatever its name."""
    head = file.read(4)
    file.seek(0)
    if head[:2] == b"\x1f\x8b":
        return _Gzip(file)
    if head == b"\x28\xb5\x2f\xfd":
        return zstandard.ZstdDecompressor(max_window_size=2**27).stream_reader(file, read_across_frames=True)
    return file
