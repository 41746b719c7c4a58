"""Approving the figures of a unit, core task and period: what a version shows is locked, and unlocked only for a stated reason."""

import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from models.errors import ConfigurationError
from pipelines.approvals import FIGURES, Entry, add, locked_now, period_label, read_register, who
from pipelines.compare import open_version
from pipelines.database import quoted
from pipelines.publish import CURRENT, MART_FILE
from pipelines.sql_texts import sql


@dataclass(frozen=True)
class Approval:
    """What was locked, and what was not because it is not mature yet or was locked before."""

    entry: Entry
    immature: list[str]
    locked_before: list[str]

    def sentence(self) -> str:
        """The result in words."""
        locked = ", ".join(figure["indicator_id"] for figure in self.entry.figures)
        left = f"; not mature yet, so not locked: {', '.join(self.immature)}" if self.immature else ""
        before = f"; locked before: {', '.join(self.locked_before)}" if self.locked_before else ""
        return f"locked as in {self.entry.version}: {locked} ({', '.join(self.entry.scope)}){left}{before}"


def approve(
    published: Path, unit: str, core_task: str, period: str, by: str, *, note: str | None = None, version: str = CURRENT
) -> Approval:
    """Lock what a version shows for a unit, core task and period. What is not mature yet stays open and can be approved later.

    by       `Name (role)`
    raises   ConfigurationError where the version has no such figures, or none that can be locked
    """
    name, role = who(by)
    cohort = period_label(period)
    shown = open_version(published, version)
    found = _figures(shown.folder / MART_FILE, unit, core_task, cohort)
    if not found:
        raise ConfigurationError(
            f"version {shown.name} has no figures of unit {unit}, core task {core_task}, period {cohort}: check the three"
        )
    before = {row["indicator_id"] for row in locked_now(read_register(published)) if _scope(row) == (unit, core_task, cohort)}
    fresh = [figure for figure in found if figure["state"] != "immature" and figure["indicator_id"] not in before]
    immature = [figure["indicator_id"] for figure in found if figure["state"] == "immature"]
    if not fresh:
        why = "all of it is locked already: unlock it first" if before else "nothing of it is mature yet: approve it when it is"
        raise ConfigurationError(f"unit {unit}, core task {core_task}, period {cohort} cannot be approved in version {shown.name}: {why}")
    entry = Entry("approved", _now(), name, role, unit, core_task, cohort, shown.name, note, fresh)
    add(published, entry)
    return Approval(entry, immature, sorted(before))


def unlock(published: Path, unit: str, core_task: str, period: str, by: str, reason: str) -> Entry:
    """Open what was locked, for a reason; the register keeps both."""
    name, role = who(by)
    cohort = period_label(period)
    if not reason.strip():
        raise ConfigurationError("--reason must say why the figures are opened again, got nothing")
    if not any(_scope(row) == (unit, core_task, cohort) for row in locked_now(read_register(published))):
        raise ConfigurationError(
            f"nothing is locked for unit {unit}, core task {core_task}, period {cohort}: see `kerneeffekt approvals list`"
        )
    entry = Entry("unlocked", _now(), name, role, unit, core_task, cohort, note=reason.strip())
    add(published, entry)
    return entry


def _scope(row: dict[str, Any]) -> tuple[str, str, str]:
    return row["unit_id"], row["core_task_id"], row["cohort"]


def _now() -> str:
    return dt.datetime.now(dt.UTC).isoformat(timespec="seconds")


def _figures(mart: Path, unit: str, core_task: str, cohort: str) -> list[dict[str, Any]]:
    """What a version shows, by indicator; dates as text."""
    connection = duckdb.connect()
    try:
        connection.execute(f"ATTACH {quoted(mart)} AS mart (READ_ONLY)")
        rows = connection.execute(sql("approve_figures"), {"unit": unit, "core_task": core_task, "cohort": cohort}).fetchall()
    finally:
        connection.close()
    return [dict(zip(FIGURES, row, strict=True)) for row in rows]
