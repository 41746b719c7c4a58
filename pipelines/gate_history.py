"""What the quality gate said, each time: one line of JSON per check, beside the publications. Never a value of the data, never a person."""

import datetime as dt
import json
import os
from pathlib import Path
from typing import Any, Final

from models.gate import Gate
from pipelines.gate_findings import Verdict

HISTORY: Final = "gate.jsonl"

KEPT: Final = 5_000
"""Lines that are kept; older ones go when a tenth more has gathered."""

_TAIL_BYTES: Final = 1 << 20
"""More than the longest line: every rule failing, each with its examples."""

Entry = dict[str, Any]


def entry_of(verdict: Verdict, version: str, as_of: dt.date, known_at: dt.datetime | None, gate: Gate, seconds: float) -> Entry:
    """One check as it is kept: when, of which version, by which thresholds, and what was found."""
    return {
        "at": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        "version": version,
        "as_of": as_of.isoformat(),
        "known_at": known_at.isoformat() if known_at else None,
        "seconds": round(seconds, 1),
        "thresholds": gate.model_dump(mode="json"),
        **verdict.as_dict(),
    }


def append(published: Path, entry: Entry) -> None:
    """Add one check; on the disk when this returns. Only the holder of the publishing lock may call it."""
    file = published / HISTORY
    line = json.dumps(entry, ensure_ascii=False) + "\n"
    with file.open("a", encoding="utf-8") as opened:
        if opened.tell() and not _ends_whole(file):
            opened.write("\n")  # a line that a crash cut off spoils itself only
        opened.write(line)
        opened.flush()
        os.fsync(opened.fileno())
    _forget_the_oldest(file)


def read_history(published: Path, limit: int | None = None) -> list[Entry]:
    """Checks, the newest first; none where nothing was checked. A line that is not whole is passed over."""
    try:
        lines = (published / HISTORY).read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return []
    entries = [entry for line in lines[::-1] if (entry := _entry(line)) is not None]
    return entries[:limit]


def last_check(published: Path) -> Entry | None:
    """The newest check, read from the end of the file; None when nothing was checked."""
    try:
        with (published / HISTORY).open("rb") as opened:
            opened.seek(max(0, opened.seek(0, os.SEEK_END) - _TAIL_BYTES))
            tail = opened.read().decode("utf-8", errors="replace")
    except FileNotFoundError:
        return None
    return next((entry for line in tail.splitlines()[::-1] if (entry := _entry(line)) is not None), None)


def _entry(line: str) -> Entry | None:
    try:
        entry = json.loads(line)
    except ValueError:
        return None
    return entry if isinstance(entry, dict) and "passed" in entry else None


def _ends_whole(file: Path) -> bool:
    with file.open("rb") as opened:
        opened.seek(-1, os.SEEK_END)
        return opened.read() == b"\n"


def _forget_the_oldest(file: Path) -> None:
    if file.stat().st_size < KEPT * 100:  # a line is longer: no need to count
        return
    lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
    if len(lines) > KEPT * 11 // 10:
        fresh = file.with_suffix(".tmp")
        fresh.write_text("".join(lines[-KEPT:]), encoding="utf-8")
        os.replace(fresh, file)
