"""Trap 2: who died or went into a nursing home does not live without help; who moved away is neither success nor failure."""

import datetime as dt
from pathlib import Path

import pytest

from tests.factories_mart import catalogue
from tests.town import Event, Town, person, said

D = dt.date
ENDED, LATER = D(2023, 1, 10), D(2023, 4, 1)
WITHOUT_HELP = {
    "id": "without_help", "name": "Without help", "kind": "reached", "index": "rehabilitation.course_ended",
    "target": {"event": "rehabilitation.care_granted", "where": {"minutes_per_week": 0}}, "horizon": "P6M", "time_unit": "month",
    "competing": ["person.died", "rehabilitation.nursing_home_entered"], "censored_by": ["person.moved_away"],
    "effect": {"unit": "citizen at home without help"},
}  # fmt: skip


def course(number: int, *then: Event) -> list[Event]:
    began = said("rehabilitation.course_started", person(number), D(2022, 11, 1), course_id="c", unit="A")
    return [began, said("rehabilitation.course_ended", person(number), ENDED, course_id="c", unit="A"), *then]


def granted(number: int, minutes: int) -> Event:
    return said("rehabilitation.care_granted", person(number), LATER, minutes_per_week=minutes, unit="A")


@pytest.fixture
def town(tmp_path: Path) -> Town:
    """100 after rehabilitation: 60 with help, 20 at home without, 12 dead, 8 in a nursing home; and 10 more who moved away."""
    made = Town(tmp_path, catalogue(municipality={"k": 5}, indicators=[WITHOUT_HELP]))
    what = {
        range(60): ("rehabilitation.care_granted", {"minutes_per_week": 90, "unit": "A"}),
        range(60, 80): ("rehabilitation.care_granted", {"minutes_per_week": 0, "unit": "A"}),
        range(80, 92): ("person.died", {}),
        range(92, 100): ("rehabilitation.nursing_home_entered", {}),
        range(100, 110): ("person.moved_away", {}),
    }
    for numbers, (fact, data) in what.items():
        made.feed([event for n in numbers for event in course(n, said(fact, person(n), LATER, **data))])
    return made


def test_effect_and_competing_are_shares_of_everybody_in_sight(town: Town) -> None:
    cell = town.mart(D(2024, 1, 1)).cell("A", "2023-Q1", "without_help")
    assert (cell["achieved"], cell["not_achieved"], cell["competing"], cell["censored"]) == (20, 60, 20, 10)
    assert (cell["denominator"], cell["share"]) == (100, 0.2)  # the ten who moved are in neither
    assert cell["competing"] / cell["denominator"] == 0.2
    assert cell["share_without_competing"] == 0.25  # of those alive and at home, under a name of its own


def test_nowhere_are_forty_percent_without_help(town: Town) -> None:
    mart = town.mart(D(2024, 1, 1))
    row = mart.cell("A", "2023-Q1", "without_help")
    assert not [name for name, value in row.items() if isinstance(value, float) and value == pytest.approx(0.4)]
    # The ten who moved were in sight for two completed months: everybody's estimate is that of 110 at risk, events first in their month.
    assert (row["estimate_method"], row["estimate"]) == ("aalen_johansen", pytest.approx(20 / 110))


def test_three_dead_in_a_unit_hide_the_share_of_the_others_too(tmp_path: Path) -> None:
    town = Town(tmp_path, catalogue(municipality={"k": 5}, indicators=[WITHOUT_HELP]))
    for numbers, minutes in ((range(10), 90), (range(10, 20), 0)):
        town.feed([event for n in numbers for event in course(n, granted(n, minutes))])
    town.feed([event for n in range(20, 23) for event in course(n, said("person.died", person(n), LATER))])
    cell = town.mart(D(2024, 1, 1)).cell("A", "2023-Q1", "without_help")
    assert (cell["share"], cell["competing"], cell["share_without_competing"]) == (pytest.approx(10 / 23), None, None)
