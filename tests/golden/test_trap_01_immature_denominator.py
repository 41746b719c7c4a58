"""Trap 1: a share among those who had time, and not among those who happen to be known already."""

import datetime as dt
from decimal import Decimal
from pathlib import Path

import pytest

from pipelines.compare import compare
from pipelines.tables import TABLES
from tests.factories_mart import Mart, catalogue, reached
from tests.town import Event, Town, job, person, spell

D = dt.date
QUARTER = "2023-Q1"
AS_OF = D(2024, 2, 1)
WRONG = (18 / 40, 21 / 40, 21 / 33)
"""Shares of everybody, of everybody with early successes, and of those whose outcome is known."""


@pytest.fixture
def town(tmp_path: Path) -> Town:
    """40 ended spells of one quarter: 30 mature after 12 months, 18 of them with a job; 10 too recent, 3 of them with one already."""
    made = Town(tmp_path, catalogue(municipality={"k": 5}, indicators=[reached(horizon="P12M", time_unit="month")]))
    events: list[Event] = []
    for number in range(30):
        events += spell(person(number), D(2023, 1, 16)) + [job(person(number), D(2023, 5, 2))] * (number < 18)
    for number in range(30, 40):
        events += spell(person(number), D(2023, 3, 20)) + [job(person(number), D(2023, 4, 3))] * (number < 33)
    made.feed(events)
    return made


def test_the_share_is_of_the_mature_and_everybody_is_in_the_estimate_beside_it(town: Town) -> None:
    cell = town.mart(AS_OF).cell("A", QUARTER)
    assert (cell["cohort_size"], cell["matured"], cell["achieved"], cell["denominator"]) == (40, 30, 18, 30)
    assert cell["matured"] / cell["cohort_size"] == 0.75
    assert (cell["share"], cell["share_low"], cell["share_high"]) == pytest.approx((0.6, 0.4232036025, 0.7540937188), rel=1e-6)
    # Kaplan-Meier over all 40: 3 of 40 at no completed month, then the other 7 of the recent are followed for 10 months,
    # so that 18 of 37 have the effect in the fourth: 1 - (37/40)(19/37).
    assert cell["estimate"] == pytest.approx(1 - 37 / 40 * 19 / 37)
    assert cell["state"] == "immature"


def test_no_table_shows_a_share_of_the_wrong_people(town: Town) -> None:
    mart = town.mart(AS_OF)
    for table in TABLES:
        for column in (column.name for column in table.columns if column.name.startswith("share")):
            shown = {row["shown"] for row in mart.rows(f'SELECT "{column}" AS shown FROM "{table.name}"')}
            assert not any(value == pytest.approx(wrong) for value in shown if isinstance(value, float) for wrong in WRONG), table.name


def test_late_events_change_the_figure_and_the_earlier_one_can_still_be_asked_for(town: Town) -> None:
    before = shares(town.mart(AS_OF))
    town.feed([job(person(number), D(2023, 6, 1), recorded=D(2024, 3, 1)) for number in range(20, 25)])
    assert shares(town.mart(AS_OF)) == {"A": 23 / 30, "(all)": 23 / 30}
    assert shares(town.mart(AS_OF, known_at=AS_OF)) == before == {"A": 0.6, "(all)": 0.6}


def test_the_difference_is_explained(town: Town) -> None:
    earlier = town.publish(AS_OF)
    town.feed([job(person(number), D(2023, 6, 1), recorded=D(2024, 3, 1)) for number in range(20, 25)])
    later = town.publish(AS_OF)
    found = compare(town.published, earlier.version, later.version, town.store)
    (change,) = [item for item in found.changes if (item.unit_id, item.cohort) == ("A", QUARTER)]
    assert (change.before["share"], change.after["share"]) == (Decimal("0.6"), Decimal(repr(23 / 30)))
    assert change.by_cause["achieved"] == {"new_events": 5}
    assert found.events == {"new_events": {"employment.placement_started": 5}}


def shares(mart: Mart) -> dict[str, float]:
    return {row["unit_id"]: row["share"] for row in mart.rows("FROM effect_by_unit WHERE cohort = ?", QUARTER)}
