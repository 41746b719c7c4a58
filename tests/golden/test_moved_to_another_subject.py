"""A correction says that an event was somebody else's: it counts once, with the other, whatever is told of either of them afterwards."""

import datetime as dt
from pathlib import Path

import duckdb
import pytest

from tests.factories_mart import catalogue
from tests.town import Event, Town, person, said

D = dt.date
ONE, OTHER = person(1), person(2)
ENDED = said("employment.benefit_ended", ONE, D(2024, 3, 4), spell_id="s", unit="A")
COURSE = [said("employment.benefit_started", who, D(2024, 1, 8), spell_id="s", benefit="dagpenge", unit="A") for who in (ONE, OTHER)]


def given_to(subject: str, target: Event, on: dt.date) -> Event:
    says = {"time": ENDED["time"], "data": ENDED["data"], "subject": subject}
    aim = {"target_source": target["source"], "target_id": target["id"], "replacement": says}
    return said("correction.event_replaced", ONE, on, **aim)


def job(who: str, on: dt.date, name: str) -> Event:
    return said("employment.placement_started", who, on, placement_id=name, unit="A")


def counts(town: Town) -> tuple[int, int]:
    cell = town.mart(D(2026, 1, 1)).cell("A", indicator="job")
    return cell["cohort_size"], cell["achieved"]


@pytest.fixture
def town(tmp_path: Path) -> Town:
    town = Town(tmp_path, catalogue())
    town.feed([*COURSE, ENDED])
    return town


def test_a_later_event_of_the_first_person_alone_does_not_take_it_back(town: Town) -> None:
    town.feed([given_to(OTHER, ENDED, D(2024, 5, 1))])
    town.feed([job(ONE, D(2024, 6, 1), "first")])
    assert counts(town) == (1, 0)
    town.feed([job(OTHER, D(2024, 7, 1), "second"), job(ONE, D(2024, 7, 1), "third")])
    assert counts(town) == (1, 1)
    with duckdb.connect(str(town.store / "store.duckdb"), read_only=True) as store:
        twice = store.execute("SELECT index_key, version FROM effect GROUP BY ALL HAVING count(*) > 1").fetchall()
        assert twice == []


def test_given_back_it_is_the_first_persons_again(town: Town) -> None:
    away = given_to(OTHER, ENDED, D(2024, 5, 1))
    town.feed([away])
    town.feed([said("correction.event_retracted", ONE, D(2024, 6, 1), target_source=away["source"], target_id=away["id"])])
    town.feed([job(OTHER, D(2024, 7, 1), "second")])
    assert counts(town) == (1, 0)
    town.feed([job(ONE, D(2024, 7, 1), "first")])
    assert counts(town) == (1, 1)
