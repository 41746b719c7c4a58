"""What real sources also send: broken records, contradicting events, starts that never were, citizens who ask to be forgotten."""

import datetime as dt
from collections.abc import Callable
from random import Random
from typing import Any

import orjson

from pipelines.simulate.course import Scene, days
from pipelines.simulate.people import pseudonym
from pipelines.simulate.places import BY_CORE_TASK, WORK

BROKEN_PER_CITIZEN = 0.003
GHOSTS_PER_CITIZEN = 0.002
CONFLICTS_PER_CITIZEN = 0.0005
ERASED_PER_CITIZEN = 0.0002
IMPOSSIBLE_NUMBER = "010170-0000"
"""Looks like a civil registration number, so it must be caught; serial 0000 is given to nobody."""


def disturb(scene: Scene, seed: int, citizens: int) -> None:
    """Write the disturbances, in proportion to the municipality's size and at least one of each."""
    for number in range(max(7, round(citizens * BROKEN_PER_CITIZEN))):
        _broken(scene, pseudonym(seed, "p", number), number)
    for number in range(max(1, round(citizens * GHOSTS_PER_CITIZEN))):
        _ghost(scene, pseudonym(seed, "p", scene.random.randrange(citizens)), number)
    for number in range(max(1, round(citizens * CONFLICTS_PER_CITIZEN))):
        _conflict(scene, pseudonym(seed, "p", scene.random.randrange(citizens)), number)
    for _ in range(max(1, round(citizens * ERASED_PER_CITIZEN))):
        _erasure(scene, seed, citizens)


def _envelope(subject: str, name: str, identifier: str, on: dt.date, data: dict[str, Any]) -> dict[str, Any]:
    stamp = f"{on}T09:00:00Z"
    return {
        "specversion": "1.0",
        "id": identifier,
        "source": "urn:invented:disturbed",
        "type": f"dk.kerneopgave.{name}.v1",
        "subject": subject,
        "time": stamp,
        "recordedtime": stamp,
        "data": data,
    }


def _broken(scene: Scene, subject: str, number: int) -> None:
    """One broken record; the seven ways take turns."""
    on, unit = scene.period.day(scene.random), BY_CORE_TASK[WORK][number % 5].id
    good = _envelope(subject, "employment.conversation_held", f"broken-{number}", on, {"unit": unit, "minutes": 30})
    way = number % 7
    if way == 0:
        scene.writer.raw(orjson.dumps(good)[:-9], on, "broken: cut off")
        return
    if way == 1:
        scene.writer.raw(b'{"specversion": "1.0", "minutes": NaN}', on, "broken: not a number")
        return
    what, change = _CHANGES[way]
    scene.writer.raw(orjson.dumps({**good, **change(good, scene.random)}), on, f"broken: {what}")


def _changed_data(good: dict[str, Any], **change: Any) -> dict[str, Any]:
    return {"data": {key: value for key, value in {**good["data"], **change}.items() if value is not None}}


_CHANGES: dict[int, tuple[str, Callable[[dict[str, Any], Random], dict[str, Any]]]] = {
    2: ("unknown type", lambda good, random: {"type": "dk.kerneopgave.employment.coffee_served.v1"}),
    3: ("no subject", lambda good, random: {"subject": ""}),
    4: ("negative minutes", lambda good, random: _changed_data(good, minutes=-random.randrange(1, 90))),
    5: ("no unit", lambda good, random: _changed_data(good, unit=None)),
    6: ("like a civil registration number", lambda good, random: _changed_data(good, channel=IMPOSSIBLE_NUMBER)),
}


def _ghost(scene: Scene, subject: str, number: int) -> None:
    """A benefit spell registered on the wrong person, and retracted some days later."""
    on = scene.period.first + days(scene.random.randrange(max(1, scene.period.days - 60)))
    data = {"unit": scene.random.choice(BY_CORE_TASK[WORK]).id, "spell_id": f"ghost{number}", "benefit": "kontanthjaelp"}
    source, identifier = scene.writer.event("employment.benefit_started", subject, on, data, lag_days=1)
    target = {"target_source": source, "target_id": identifier, "reason": "wrong_person"}
    scene.writer.event("correction.event_retracted", subject, on + days(scene.random.randrange(5, 40)), target, lag_days=0)
    scene.writer.counts["retracted"] += 1


def _conflict(scene: Scene, subject: str, number: int) -> None:
    """One id with two contents and no correction: the one recorded first stands, the other is quarantined."""
    on = scene.period.first + days(scene.random.randrange(max(1, scene.period.days - 60)))
    unit = BY_CORE_TASK[WORK][number % 5].id
    for minutes, recorded in ((30, on), (45, on + days(7))):
        content = _envelope(subject, "employment.conversation_held", f"conflict-{number}", on, {"unit": unit, "minutes": minutes})
        line = orjson.dumps({**content, "recordedtime": f"{recorded}T15:00:00Z"})
        scene.writer.raw(line, recorded, "contradicting" if recorded > on else "contradicted later")


def _erasure(scene: Scene, seed: int, citizens: int) -> None:
    subject = pseudonym(seed, "p", scene.random.randrange(citizens))
    on = scene.period.last - days(scene.random.randrange(10, 90))
    scene.writer.event("privacy.subject_erased", subject, on, {"legal_basis": "gdpr_17"}, lag_days=0)
    scene.writer.counts["erased"] += 1
