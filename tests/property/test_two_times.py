"""Any earlier state comes back exactly, from the events alone: as we knew it at K, and as it was on D."""

import datetime as dt
import random
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.catalogue import Catalogue
from tests.factories_mart import catalogue, reached, sustained
from tests.town import Event, Town, job, person, replaced, retracted, said, spell

D = dt.date
DAY = dt.timedelta(days=1)
FIRST = D(2024, 1, 1)
OF_EVENTS_IN_TIME = (
    "effect_by_unit", "effect_curve", "effect_per_krone", "output_by_unit", "amount_by_unit", "output_vs_effect", "core_task_views",
)  # fmt: skip
"""Tables that show a day. The others say what is recorded (ledger, data_quality) or described (dim_*), whatever the day."""

DEFINITIONS: Catalogue = catalogue(
    indicators=[
        reached(horizon="P60D", competing=["person.died"], censored_by=["person.moved_away"], reporting_lag="P7D"),
        sustained(competing=["person.died"], lead_for_cost=False),
    ],
    outputs=[{"id": "talks", "name": "Talks", "event": "employment.conversation_held"}],
    units=[{"id": "A", "name": "A", "level": "department", "parent": "north"}, {"id": "north", "name": "North", "level": "administration"}],
    costs={"version": "1", "rules": [{"account": "6", "to": "work"}]},
)


def history(chance: random.Random) -> list[Event]:
    """Spells, jobs, deaths, talks, money and moves of units, some late, some in conflict, some corrected (and that too)."""
    events = [event for number in range(chance.randint(3, 9)) for event in course(chance, person(number))]
    events += [money(chance) for _ in range(chance.randint(1, 5))]
    events += [said("organisation.unit_moved", "A", day(chance), recorded=day(chance, 300), unit="A", parent=chance.choice("xyz"))]
    events += [conflict(chance, event) for event in chance.sample(events, 3)]
    for _ in range(chance.randint(1, 6)):
        events.append(correction(chance, chance.choice(events)))
    return events


def course(chance: random.Random, who: str) -> list[Event]:
    unit = chance.choice("AB")
    left = day(chance)
    found = left + chance.randint(0, 70) * DAY
    events = [
        *spell(who, left, unit, recorded=late(chance, left)),
        job(who, found, unit, recorded=late(chance, found)),
        said("employment.conversation_held", who, left, recorded=late(chance, left), minutes=30, unit=unit),
    ]
    if chance.random() < 0.4:
        ended = found + chance.randint(5, 90) * DAY
        events.append(said("employment.placement_ended", who, ended, recorded=late(chance, ended), placement_id="j", unit=unit))
    if chance.random() < 0.3:
        gone = left + chance.randint(1, 100) * DAY
        events.append(said(f"person.{chance.choice(('died', 'moved_away'))}", who, gone, recorded=late(chance, gone)))
    return events


def day(chance: random.Random, span: int = 240) -> dt.date:
    return FIRST + chance.randint(0, span) * DAY


def late(chance: random.Random, on: dt.date) -> dt.date:
    return on + chance.choice((0, 0, 0, 1, 20, 90)) * DAY


def money(chance: random.Random) -> Event:
    on = day(chance)
    account = chance.choice(("6100", "5200"))
    return said("finance.ledger_posted", "A", on, recorded=late(chance, on), account=account, amount_ore=chance.randint(-500, 9000))


def conflict(chance: random.Random, event: Event) -> Event:
    """Other content under the same id, recorded at another time."""
    return event | {"recordedtime": f"{day(chance, 300)}T12:00:00Z", "data": event["data"] | {"unit": "B"}}


def correction(chance: random.Random, target: Event) -> Event:
    on = day(chance, 330)
    if chance.random() < 0.4 or target["type"].startswith("dk.kerneopgave.correction"):
        return retracted(target, on)
    data: dict[str, Any] = target["data"] | ({"unit": "B"} if chance.random() < 0.7 else {"minutes": "many"})
    return replaced(target, on, time=day(chance), data=data)


def known_by(events: list[Event], known_at: dt.date) -> list[Event]:
    return [event for event in events if event["recordedtime"][:10] <= known_at.isoformat()]


def tables(town: Town, as_of: dt.date, known_at: dt.date | None = None) -> dict[str, Any]:
    tables: dict[str, Any] = town.publish(as_of, known_at).manifest["tables"]
    return tables


@settings(max_examples=2, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
@given(st.integers(0, 2**32))
def test_as_known_at_k_is_what_a_store_shows_that_was_fed_no_more(seed: int) -> None:
    chance = random.Random(seed)
    events = history(chance)
    chance.shuffle(events)
    known_at, as_of = FIRST + chance.randint(90, 330) * DAY, FIRST + chance.randint(60, 400) * DAY
    with tempfile.TemporaryDirectory() as folder:
        whole, then = Town(Path(folder) / "whole", DEFINITIONS), Town(Path(folder) / "then", DEFINITIONS)
        for town, fed in ((whole, events), (then, known_by(events, known_at))):
            town.folder.mkdir()
            cut = len(fed) // 2
            for batch in (fed[:cut], fed[cut:], chance.sample(fed, len(fed) // 4)):
                town.feed(batch)
        whole.feed([b"\xff\xfe", b"not json"])
        asked = tables(whole, as_of, known_at)
        assert asked["effect_curve"]["rows"] > 0
        assert asked == tables(then, as_of, known_at)


@settings(max_examples=2, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
@given(st.integers(0, 2**32))
def test_as_of_d_is_what_a_store_shows_in_which_nothing_later_happened(seed: int) -> None:
    chance = random.Random(seed)
    as_of = FIRST + chance.randint(30, 260) * DAY
    # What was said later of earlier days is another question (known at), so everything here is recorded at once and stands as first said.
    events = [event | {"recordedtime": event["time"]} for number in range(8) for event in course(chance, person(number))]
    events += [money(chance) for _ in range(4)]
    with tempfile.TemporaryDirectory() as folder:
        whole, then = Town(Path(folder) / "whole", DEFINITIONS), Town(Path(folder) / "then", DEFINITIONS)
        for town, fed in ((whole, events), (then, [event for event in events if event["time"][:10] <= as_of.isoformat()])):
            town.folder.mkdir()
            town.feed(fed)
        left, right = tables(whole, as_of), tables(then, as_of)
        assert {name: left[name] for name in OF_EVENTS_IN_TIME} == {name: right[name] for name in OF_EVENTS_IN_TIME}
