"""Companion c: a case waits for sixty months, and nothing about it has expired meanwhile."""

import datetime as dt
from pathlib import Path

from tests.factories_mart import catalogue, reached
from tests.town import Town, job, person, spell

D = dt.date
OPENED = D(2018, 3, 1)


def test_a_case_of_sixty_months_is_pending_until_it_is_not(tmp_path: Path) -> None:
    town = Town(tmp_path, catalogue(indicators=[reached(horizon="P6Y", time_unit="month")]))
    town.feed(spell(person(1), OPENED))
    waiting = town.mart(D(2023, 2, 28)).cell("A", "2018-Q1")
    assert (waiting["pending"], waiting["matured"], waiting["share"], waiting["state"]) == (1, 0, None, "immature")
    # Five years of others' events pass by in batches of their own, the store is opened and closed for each.
    for year in range(2018, 2023):
        town.feed(spell(person(year), D(year, 6, 1), "B"))
    town.feed([job(person(1), D(2023, 3, 1))])
    mart = town.mart(D(2024, 3, 1))
    cell = mart.cell("A", "2018-Q1")
    assert (cell["pending"], cell["achieved"], cell["share"], cell["state"]) == (0, 1, 1.0, "final")
    # The curve has it where it came: after sixty completed months.
    assert mart.rows("SELECT time FROM effect_curve WHERE unit_id = 'A' AND cohort = 'all' AND events > 0") == [{"time": 60}]
