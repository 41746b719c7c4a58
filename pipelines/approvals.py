"""The register of approvals: who locked which published figures when, beside the publications, one line each, only ever added to.

A line that was changed or taken out is noticed (`chain.py`). The register names people; published is the role.
"""

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

from models.errors import ConfigurationError
from pipelines import chain

FILE = "approvals.jsonl"
FIGURES = (
    "indicator_id", "indicator_version", "cohort_start", "cohort_end", "state", "achieved", "denominator", "share", "share_low",
    "share_high", "cost_ore", "price_year", "effects_per_million",
)  # fmt: skip
"""What is kept of a figure, as it was published: nothing that its version hid."""

_PERIOD = re.compile(r"(\d{4})-?(Q[1-4]|H[12]|0[1-9]|1[0-2])?")
_WHO = re.compile(r"\s*(?P<name>[^()]+?)\s*(?:\((?P<role>[^()]+)\))?\s*")


@dataclass(frozen=True)
class Entry:
    """One line of the register: figures of a unit, core task and period that were locked, or unlocked for a reason.

    at       when, UTC
    by, role who, and as what
    version  the publication whose figures were locked; empty for an unlocking
    figures  one per indicator, with the names of FIGURES
    """

    what: Literal["approved", "unlocked"]
    at: str
    by: str
    role: str | None
    unit_id: str
    core_task_id: str
    cohort: str
    version: str = ""
    note: str | None = None
    figures: list[dict[str, Any]] = field(default_factory=list)

    @property
    def scope(self) -> tuple[str, str, str]:
        """What it is about: unit, core task and period."""
        return self.unit_id, self.core_task_id, self.cohort


def period_label(text: str) -> str:
    """A period as the tables write it: 2024Q1 and 2024-Q1 are `2024-Q1`; also `2024-03`, `2024-H1`, `2024`, `all`."""
    found = _PERIOD.fullmatch(text)
    if text != "all" and found is None:
        raise ConfigurationError(f"--period must be a period such as 2024-Q1, 2024-03, 2024-H1, 2024 or all, got: {text!r}")
    return text if found is None else "-".join(part for part in found.groups() if part)


def who(text: str) -> tuple[str, str | None]:
    """(name, role) of `Name (role)`."""
    found = _WHO.fullmatch(text)
    if found is None:
        raise ConfigurationError(f"--by must be a name, with a role in parentheses where there is one: `Name (controller)`, got: {text!r}")
    return found["name"], found["role"]


def read_register(published: Path) -> list[Entry]:
    """Every line, oldest first; StoreError when the register was damaged or changed."""
    return [Entry(**content) for _, content in chain.read(published / FILE)]


def add(published: Path, entry: Entry) -> None:
    """Add a line, on the disk when this returns. One process at a time; a torn last line is noticed by the next reader."""
    read_register(published)
    chain.add(published / FILE, asdict(entry), mode=0o640)


def locked_now(entries: Sequence[Entry], known_at: dt.datetime | None = None) -> list[dict[str, Any]]:
    """The figures that are locked, one row each with who locked them when; as of an instant, where one is given."""
    locked: dict[tuple[str, ...], dict[str, Any]] = {}
    for entry in entries:
        at = dt.datetime.fromisoformat(entry.at)
        if known_at is not None and at > (known_at if known_at.tzinfo else known_at.replace(tzinfo=dt.UTC)):
            continue
        if entry.what == "unlocked":
            locked = {key: row for key, row in locked.items() if key[:3] != entry.scope}
        for figure in entry.figures:
            key = (*entry.scope, str(figure["indicator_id"]))
            locked.setdefault(key, _row(entry, figure, at))
    return [locked[key] for key in sorted(locked)]


def _row(entry: Entry, figure: dict[str, Any], at: dt.datetime) -> dict[str, Any]:
    days = {name: figure[name] and dt.date.fromisoformat(figure[name]) for name in ("cohort_start", "cohort_end")}
    scope = {"unit_id": entry.unit_id, "core_task_id": entry.core_task_id, "cohort": entry.cohort}
    made = {"approved_at": at.replace(tzinfo=None), "approved_role": entry.role, "approved_version": entry.version}
    return {name: figure.get(name) for name in FIGURES} | scope | days | made
