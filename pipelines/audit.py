"""The log of who did what with persons' data: a hash chain beside the store. Who may look looks only after it is written.

It names who looked, as what, when, why and at which figure; never whom the records are about.
"""

import datetime as dt
import random
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models import personal_number
from models.errors import ConfigurationError
from pipelines import chain

FILE = "audit.jsonl"
LEAST_PURPOSE, MOST_PURPOSE = 8, 300


@dataclass(frozen=True)
class Audit:
    """The log beside one store."""

    path: Path

    @classmethod
    def beside(cls, store_folder: Path) -> "Audit":
        """The log of a store."""
        return cls(store_folder / FILE)

    def note(self, what: str, by: str, *, roles: Iterable[str] = (), **about: Any) -> str:
        """Write that somebody did something; on the disk when this returns. Gives the line's hash.

        raises  OSError or StoreError when it cannot be written: then what was to be logged must not happen
        """
        at = dt.datetime.now(dt.UTC).isoformat(timespec="milliseconds")
        return chain.add(self.path, {"at": at, "what": what, "by": by, "roles": sorted(roles), **about})

    def verify(self, kept: str | None = None) -> chain.Head:
        """Check every line; also that it still holds the `lines:hash` that was kept at some time.

        raises  StoreError where a line is not what was written, ConfigurationError where the log no longer goes as far as it did
        """
        n, wanted = _kept(kept)
        found = 0
        last = ""
        for line_hash, _ in chain.read(self.path):
            found, last = found + 1, line_hash
            if found == n and last != wanted:
                raise ConfigurationError(f"{self.path}, line {n}: another line than the one that was kept: the log was written anew")
        if found < n:
            raise ConfigurationError(f"{self.path} has {found} lines, but {n} were kept: lines were cut off at the end")
        return chain.Head(found, last)

    def entries(self) -> list[dict[str, Any]]:
        """Everything, oldest first, checked."""
        return [content for _, content in chain.read(self.path)]

    def report(self, month: str, n_samples: int) -> "Report":
        """What happened in a month (2026-11), and a sample of it to look into: drawn anew the same, and by nobody's choice."""
        taken = [(line, entry) for line, entry in chain.read(self.path) if entry["at"].startswith(month)]
        draw = random.Random("".join(line for line, _ in taken))
        chosen = sorted(draw.sample(range(len(taken)), min(n_samples, len(taken))))
        counts = Counter((entry["what"], entry["by"]) for _, entry in taken)
        return Report(month, len(taken), dict(sorted(counts.items())), [taken[place][1] for place in chosen])


@dataclass(frozen=True)
class Report:
    """A month of the log: (what, by) -> how often, and the entries to look into."""

    month: str
    entries: int
    counts: dict[tuple[str, str], int]
    sample: list[dict[str, Any]]

    def as_dict(self) -> dict[str, Any]:
        """For scripts."""
        counts = [{"what": what, "by": by, "n": n} for (what, by), n in self.counts.items()]
        return {"month": self.month, "entries": self.entries, "counts": counts, "sample": self.sample}


def stated(purpose: str) -> str:
    """A purpose that may be logged: said in words, and without a civil registration number in it."""
    said = " ".join(purpose.split())
    if not LEAST_PURPOSE <= len(said) <= MOST_PURPOSE:
        raise ConfigurationError(f"say in {LEAST_PURPOSE} to {MOST_PURPOSE} characters why you look; it is logged")
    if personal_number.in_text(said):
        raise ConfigurationError("the purpose holds something like a civil registration number, which must not be logged: say it without")
    return said


def _kept(text: str | None) -> tuple[int, str]:
    if text is None:
        return 0, ""
    n, found, wanted = text.partition(":")
    if not found or not n.isdigit():
        raise ConfigurationError(f"what was kept must be LINES:HASH as `audit verify` printed it, got: {text!r}")
    return int(n), wanted
