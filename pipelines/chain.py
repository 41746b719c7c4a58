"""Registers that are only ever added to: one JSON line each, which carries the hash of the line before it and its own.

A changed byte, a line that was taken out or put in, and a torn last line are noticed. Lines cut off at the end are noticed by whoever kept
the last `Head`: it goes with backups and reports.
"""

import fcntl
import hashlib
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models.errors import StoreError

Content = dict[str, Any]
_PREVIOUS, _OWN = "previous", "own"
_LONGEST_LINE = 1 << 20


@dataclass(frozen=True)
class Head:
    """How far a register goes: its number of lines and the hash of the last."""

    lines: int
    sha256: str

    def __str__(self) -> str:
        return f"{self.lines}:{self.sha256}"


def read(path: Path) -> Iterator[tuple[str, Content]]:
    """(hash, content) of every line, oldest first; nothing where there is no file.

    raises  StoreError at the first line that is not what was written there
    """
    previous = ""
    for number, line in enumerate(_lines(path), start=1):
        content = _checked(line, previous)
        if content is None:
            raise StoreError(f"{path}, line {number}: not what was written there, or a line before it is missing: restore it from a copy")
        previous = hashlib.sha256(line).hexdigest()
        yield previous, content


def add(path: Path, content: Content, *, mode: int = 0o600) -> str:
    """Add a line, on the disk when this returns; gives its hash. One process at a time. Reads no more than the line before.

    raises  StoreError when the line before is torn; OSError when the file cannot be written
    """
    handle = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, mode)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        line = _rendered(content, _last_hash(handle, path))
        os.write(handle, line + b"\n")
        os.fsync(handle)
        return hashlib.sha256(line).hexdigest()
    finally:
        os.close(handle)


def head(path: Path) -> Head:
    """How far the register goes, after checking every line."""
    n, last = 0, ""
    for found, _ in read(path):
        n, last = n + 1, found
    return Head(n, last)


def _rendered(content: Content, previous: str) -> bytes:
    whole = {**content, _PREVIOUS: previous}
    text = json.dumps(whole, ensure_ascii=False, sort_keys=True, default=str)
    own = hashlib.sha256(text.encode()).hexdigest()
    return json.dumps({**json.loads(text), _OWN: own}, ensure_ascii=False, sort_keys=True).encode()


def _checked(line: bytes, previous: str) -> Content | None:
    """What a line says, when it is byte for byte what would be written after that one."""
    try:
        content = json.loads(line)
        own, said = content.pop(_OWN), content.pop(_PREVIOUS)
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
    return content if said == previous and isinstance(own, str) and _rendered(content, previous) == line else None


def _lines(path: Path) -> Iterator[bytes]:
    if not path.exists():
        return
    with path.open("rb") as file:
        for line in file:
            yield line.removesuffix(b"\n") if line.endswith(b"\n") else line + b" torn"


def _last_hash(handle: int, path: Path) -> str:
    size = os.fstat(handle).st_size
    if size == 0:
        return ""
    tail = os.pread(handle, min(size, _LONGEST_LINE), max(0, size - _LONGEST_LINE))
    if not tail.endswith(b"\n"):
        raise StoreError(f"{path}: the last line is torn: restore it from a copy, or take the torn line out and verify")
    return hashlib.sha256(tail[:-1].rpartition(b"\n")[2]).hexdigest()
