"""Permits with a deadline and times of day: each case is held against its own closing, on the municipality's calendar, whatever the offset.

The expected figures are worked out here from the case list itself, with the zone data base; the product sees events only.
"""

import datetime as dt
import random
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.factories_mart import Mart, catalogue
from tests.town import Event, Town, person, said

HERE = ZoneInfo("Europe/Copenhagen")
AS_OF = dt.date(2024, 6, 30)
IN_TIME = {
    "id": "in_time", "name": "Decided by its deadline", "kind": "reached", "index": "case.opened", "target": "case.closed",
    "horizon": {"field": "deadline"}, "same_episode": True, "effect": {"unit": "case decided in time"},
}  # fmt: skip
SUMMER, WINTER = dt.date(2023, 3, 26), dt.date(2023, 10, 29)  # clocks forward, clocks back
CLOCKS = [dt.time(0, 0), dt.time(0, 30), dt.time(9, 15), dt.time(23, 30), dt.time(23, 59, 59)]
ZONES = [HERE, dt.UTC, dt.timezone(dt.timedelta(hours=-5)), dt.timezone(dt.timedelta(hours=9))]
Case = tuple[str, str, dt.datetime, dt.date | None, dt.datetime | None]


def cases() -> list[Case]:
    """Subject, case, opened, deadline, closed: several open cases for most subjects, closings around midnight of the deadline."""
    chance = random.Random(20231029)
    made: list[Case] = []
    for number in range(240):
        opened = chance.choice([SUMMER, WINTER, dt.date(2023, 5, 1)]) - dt.timedelta(days=chance.choice([0, 1, 28]))
        deadline = opened + dt.timedelta(days=chance.choice([-2, 0, 1, 28, 56]))
        closed = max(opened, deadline + dt.timedelta(days=chance.choice([-1, 0, 0, 1, 30])))
        first, last = (dt.datetime.combine(day, chance.choice(CLOCKS), HERE) for day in (opened, closed))
        zone = chance.choice(ZONES)
        told, seen = (None if number % 12 == 0 else deadline), (None if number % 10 == 0 else last.astimezone(zone))
        made.append((person(number // 3), f"case-{number}", first.astimezone(zone), told, seen))
    return made


def events(case: Case) -> list[Event]:
    subject, name, opened, deadline, closed = case
    due: dict[str, Any] = {"deadline": str(deadline)} if deadline else {}
    start = said("case.opened", subject, AS_OF, case_id=name, unit="A", **due) | {"time": opened.isoformat()}
    end = [said("case.closed", subject, AS_OF, case_id=name, unit="A") | {"time": closed.isoformat()}] if closed else []
    return [start, *end]


def outcome(case: Case) -> str:
    _, _, opened, deadline, closed = case
    day = opened.astimezone(HERE).date()
    if deadline is None or deadline < day:
        return "unmeasured"
    return "achieved" if closed and closed.astimezone(HERE).date() <= deadline else "not_achieved"


@pytest.fixture(scope="module")
def mart(tmp_path_factory: pytest.TempPathFactory) -> Mart:
    told = [event for case in cases() for event in events(case)]
    random.Random(1).shuffle(told)
    town = Town(tmp_path_factory.mktemp("permits"), catalogue(indicators=[IN_TIME]))
    town.feed(told)
    return town.mart(AS_OF)


def test_each_case_counts_by_its_own_closing_and_the_local_calendar(mart: Mart) -> None:
    wanted = [outcome(case) for case in cases()]
    cell = mart.cell("A", "all", "in_time")
    for name in ("achieved", "not_achieved", "unmeasured"):
        assert cell[name] == wanted.count(name) > 20
    assert cell["denominator"] == wanted.count("achieved") + wanted.count("not_achieved")


def test_cases_without_a_usable_deadline_are_not_at_risk_so_the_estimate_is_the_share(mart: Mart) -> None:
    cell = mart.cell("A", "all", "in_time")
    assert cell["estimate"] == pytest.approx(cell["share"], rel=1e-12)  # everybody is followed to the deadline, nobody is lost
    first = mart.rows("SELECT at_risk FROM effect_curve WHERE unit_id = 'A' AND cohort = 'all' AND time = 0")
    assert first == [{"at_risk": cell["denominator"]}]
