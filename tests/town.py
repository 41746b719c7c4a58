"""A small town for tests of the whole way: events as they are on the wire, a real store, real publications."""

import datetime as dt
import itertools
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from models.catalogue import Catalogue
from pipelines.gate import Verdict
from pipelines.intake import Intake
from pipelines.publish import Publication, publish
from pipelines.staged import BatchSummary
from pipelines.store import Store
from tests.factories_mart import Mart

Event = dict[str, Any]

_numbers = itertools.count(1)


def said(
    fact: str,
    subject: str,
    on: dt.date,
    /,
    *,
    recorded: dt.date | None = None,
    event_id: str | None = None,
    source: str = "urn:test",
    **data: Any,
) -> Event:
    """A CloudEvent: `fact` as family.fact, at noon UTC of its day, recorded at noon of the same day unless said otherwise."""
    return {
        "specversion": "1.0", "id": event_id or f"t{next(_numbers)}", "source": source, "type": f"dk.kerneopgave.{fact}.v1",
        "subject": subject, "time": f"{on}T12:00:00Z", "recordedtime": f"{recorded or on}T12:00:00Z", "data": data,
    }  # fmt: skip


def spell(who: str, ended: dt.date, unit: str = "A", *, recorded: dt.date | None = None, days: int = 60, episode: str = "s") -> list[Event]:
    """A benefit of so many days: its start and its end."""
    began = ended - dt.timedelta(days=days)
    return [
        said("employment.benefit_started", who, began, spell_id=episode, benefit="dagpenge", unit=unit),
        said("employment.benefit_ended", who, ended, recorded=recorded, spell_id=episode, unit=unit),
    ]


def job(who: str, on: dt.date, unit: str = "A", *, recorded: dt.date | None = None, source: str = "urn:test") -> Event:
    """The start of a job."""
    return said("employment.placement_started", who, on, recorded=recorded, source=source, placement_id="j", unit=unit)


def retracted(target: Event, on: dt.date, **rest: Any) -> Event:
    """The correction that says an event never was."""
    return said("correction.event_retracted", target["subject"], on, target_source=target["source"], target_id=target["id"], **rest)


def replaced(target: Event, on: dt.date, *, time: dt.date, data: dict[str, Any], **rest: Any) -> Event:
    """The correction that lets an event say something else."""
    return said(
        "correction.event_replaced", target["subject"], on, target_source=target["source"], target_id=target["id"],
        replacement={"time": f"{time}T12:00:00Z", "data": data}, **rest,
    )  # fmt: skip


def person(number: int) -> str:
    """A pseudonym."""
    return f"p:{number:08x}"


def passing(mart: Path, k: int) -> Verdict:
    """A gate that lets everything pass: its rules have tests of their own."""
    return Verdict(True, 1, ())


class Town:
    """A store folder and a folder of publications under one catalogue."""

    def __init__(self, folder: Path, catalogue: Catalogue) -> None:
        self.folder, self.catalogue = folder, catalogue
        self.store, self.published = folder / "store", folder / "published"
        self._read = 0

    def feed(self, events: Iterable[Event | bytes]) -> BatchSummary:
        """One batch of events in the order given; bytes are fed as they are."""
        values = [event if isinstance(event, bytes) else json.dumps(event).encode() for event in events]
        with Store.open(self.store, self.catalogue) as store:
            staged = Intake(store.time_zone).read("town", 0, self._read, values)
            summary = store.commit([staged])
        self._read += len(values)
        return summary

    def rebuild(self, catalogue: Catalogue) -> None:
        """Another catalogue from now on."""
        self.catalogue = catalogue
        with Store.open(self.store, catalogue) as store:
            store.rebuild()

    def publish(self, as_of: dt.date, known_at: dt.date | None = None) -> Publication:
        """Publish; `known_at` is the end of that day."""
        instant = dt.datetime.combine(known_at, dt.time(23, 59), dt.UTC) if known_at else None
        return publish(self.store, self.catalogue, self.published, as_of, instant, gate=passing)

    def mart(self, as_of: dt.date, known_at: dt.date | None = None) -> Mart:
        """Publish and open."""
        return Mart(self.publish(as_of, known_at).folder / "mart.duckdb")
