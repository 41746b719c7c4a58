"""Trap 6: where there is no or almost no effect, kroner per effect has no bound, and nought, null and hidden stay three things."""

import datetime as dt
from pathlib import Path

import pytest

from tests.factories_mart import Mart, catalogue, reached
from tests.town import Event, Town, job, person, said, spell

D = dt.date
BOOKED = D(2023, 2, 1)
UNITS = ("nought", "unbooked", "few", "good")


@pytest.fixture
def mart(tmp_path: Path) -> Mart:
    """Four schools of one administration. nought: 0 of 7. unbooked: 6 of 12, no cost. few: 3 of 12, hidden. good: 8 of 20."""
    units = [{"id": name, "name": name, "level": "institution", "parent": "town"} for name in UNITS]
    units.append({"id": "town", "name": "Town", "level": "administration"})
    rules = [{"account": "1", "to": "work"}]
    town = Town(
        tmp_path,
        catalogue(municipality={"k": 5, "period": "year"}, units=units, costs={"version": "1", "rules": rules}, indicators=[reached()]),
    )
    persons = iter(range(1000))
    for unit, (achieved, of) in zip(UNITS, ((0, 7), (6, 12), (3, 12), (8, 20)), strict=True):
        town.feed([event for n in range(of) for event in course(next(persons), unit, n < achieved)])
    town.feed([said("finance.ledger_posted", unit, BOOKED, account="1", amount_ore=60_000_000) for unit in ("nought", "few", "good")])
    return town.mart(D(2025, 1, 1))


def course(number: int, unit: str, found: bool) -> list[Event]:
    return spell(person(number), D(2023, 1, 10), unit) + [job(person(number), D(2023, 3, 1), unit)] * found


def krone(mart: Mart, unit: str) -> dict[str, object]:
    return mart.row("FROM effect_per_krone WHERE unit_id = ? AND cohort = '2023'", unit)


def test_nobody_of_seven_is_nought_per_million_with_an_upper_limit(mart: Mart) -> None:
    cell, row = mart.cell("nought", "2023"), krone(mart, "nought")
    assert (cell["share"], cell["share_low"], cell["share_high"]) == (0.0, 0.0, pytest.approx(0.3543304351, rel=1e-6))
    assert (row["effects_per_million"], row["epm_low"]) == (0.0, 0.0)
    assert row["epm_high"] == pytest.approx(7 * 0.3543304351 / 0.6, rel=1e-6)  # 600,000 kroner


def test_kroner_per_effect_is_not_bounded_and_cannot_be_sorted(mart: Mart) -> None:
    row = krone(mart, "nought")
    assert (row["state"], row["kroner_per_effect"], row["kpe_high"], row["kpe_bounded"]) == ("not_bounded", None, None, False)
    assert row["kpe_low"] == pytest.approx(600_000 / (7 * 0.3543304351), rel=1e-6)
    sortable = mart.rows("SELECT unit_id FROM effect_per_krone WHERE kroner_per_effect IS NOT NULL AND cohort = '2023'")
    assert "nought" not in {found["unit_id"] for found in sortable}


def test_nought_null_and_hidden_are_three_things(mart: Mart) -> None:
    seen = {unit: (krone(mart, unit)["state"], krone(mart, unit)["effects_per_million"]) for unit in UNITS}
    assert seen == {
        "nought": ("not_bounded", 0.0),
        "unbooked": ("missing", None),
        "few": ("suppressed", None),
        "good": ("final", pytest.approx(8 / 0.6)),
    }
    reasons = {unit: krone(mart, unit)["reason"] for unit in UNITS}
    assert len({reasons["nought"], reasons["unbooked"], reasons["few"]}) == 3
    assert None not in (reasons["nought"], reasons["unbooked"], reasons["few"])


def test_a_sum_counts_everybody_once_and_does_not_read_what_is_null_as_nought(mart: Mart) -> None:
    # From persons: 0 + 6 + 3 + 8 effects of 51, whoever is hidden or without cost; the cost that is booked is 1.8 million.
    cell, row = mart.cell("town", "2023"), krone(mart, "town")
    assert (cell["achieved"], cell["denominator"]) == (17, 51)
    assert (row["cost_ore"], row["effects_per_million"]) == (180_000_000, pytest.approx(17 / 1.8))
