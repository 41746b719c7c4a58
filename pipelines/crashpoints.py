"""Named places at which a test may kill the process, as a power cut would: `KERNEEFFEKT_CRASH_AT=name:n` dies at the n-th visit.

A no-op in production. The names are one registry, so that the kill harness can visit every one and fail when one is never reached.
"""

import os
import signal
from collections import Counter

CRASH_POINTS: dict[str, str] = {
    "after_read": "records are read and taken apart, nothing is written",
    "after_begin": "the batch's transaction is open, nothing is written",
    "after_events": "accepted events are written",
    "after_quarantine": "quarantined records are written",
    "after_corrections": "erasures and corrections are applied",
    "after_effects": "effect versions are written",
    "after_offsets": "offsets are moved",
    "before_commit": "all is written and checked, not committed",
    "after_commit": "committed, but nobody was told",
    "before_checkpoint": "the write-ahead log is about to be merged into the file",
    "after_checkpoint": "the write-ahead log is merged",
    "compact_before_swap": "the file without the erased rows is complete, the old one still in place",
    "compact_after_swap": "the new file is in place",
    "publish_after_build": "a new version is built, not checked",
    "publish_after_gate": "the new version passed the gate",
    "publish_before_rename": "the new version is on disk under its temporary name",
    "publish_after_rename": "the new version has its name, CURRENT names the old one",
    "publish_after_current": "CURRENT names the new version",
}
"""Every crash point and the state of things there."""

VARIABLE = "KERNEEFFEKT_CRASH_AT"

_visits: Counter[str] = Counter()


def crashpoint(name: str) -> None:
    """Die here by SIGKILL when the environment asks for this visit of this point; else do nothing.

    raises KeyError for a name that is not in the registry.
    """
    if name not in CRASH_POINTS:
        raise KeyError(f"crash point {name!r} is not in the registry pipelines.crashpoints.CRASH_POINTS")
    wanted = os.environ.get(VARIABLE)
    if wanted is None:
        return
    _visits[name] += 1
    point, _, visit = wanted.partition(":")
    if point == name and _visits[name] == int(visit or 1):
        os.kill(os.getpid(), signal.SIGKILL)
