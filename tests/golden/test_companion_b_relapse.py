"""Companion b: an effect was counted and sent on, then the spell turns out to have gone on: it is retracted in figures and on the topic."""

import datetime as dt
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipelines.store import Store
from streams.effects import messages
from tests.factories_mart import catalogue
from tests.town import Event, Town, person, replaced, retracted, said

D = dt.date
AS_OF = D(2025, 1, 1)
WHO = person(1)
ENDED = said("employment.benefit_ended", WHO, D(2024, 3, 4), spell_id="s", unit="A")
JOB = said("employment.placement_started", WHO, D(2024, 3, 6), placement_id="j", unit="A")
COURSE = [said("employment.benefit_started", WHO, D(2024, 1, 8), spell_id="s", benefit="dagpenge", unit="A"), ENDED, JOB]

AT_WORK: dict[str, Any] = {
    "id": "at_work", "name": "At work, off benefit", "kind": "state_at", "index": "employment.benefit_ended",
    "state": {"name": "employment"}, "horizon": "P1M", "competing": ["employment.benefit_started"], "effect": {"unit": "citizen at work"},
}  # fmt: skip
KEPT: dict[str, Any] = {
    "id": "kept", "name": "Job kept", "kind": "sustained", "index": "employment.benefit_ended", "state": {"name": "employment"},
    "begins_within": "P1M", "held": "P6M", "gap": "P14D", "lead_for_cost": False, "effect": {"unit": "citizen in lasting work"},
}  # fmt: skip


@pytest.fixture
def town(tmp_path: Path) -> Town:
    return Town(tmp_path, catalogue(indicators=[AT_WORK, KEPT]))


def sent(town: Town, events: Iterable[Event]) -> list[tuple[str, int, str]]:
    """Feed one batch; what goes on to the topic `effects` for it: indicator, version, outcome."""
    with Store.open(town.store, town.catalogue) as store:
        before = store.connection.execute("SELECT coalesce(max(batch), 0) FROM batch").fetchall()[0][0]
    town.feed(events)
    with Store.open(town.store, town.catalogue) as store, duckdb.connect() as connection:
        told = [json.loads(value)["data"] for _, value in messages(connection, store.changed_effects(before), "urn:kerneeffekt")]
    return sorted((one["indicator_id"], one["version"], one["outcome"]) for one in told)


def figures(town: Town) -> dict[str, tuple[int, int]]:
    """Indicator -> achieved and denominator of unit A."""
    rows = town.mart(AS_OF).rows("SELECT indicator_id, achieved, denominator FROM effect_by_unit WHERE unit_id = 'A' AND cohort = 'all'")
    return {row["indicator_id"]: (row["achieved"], row["denominator"]) for row in rows}


def test_a_benefit_that_resumes_within_the_month_takes_the_effect_back(town: Town) -> None:
    assert sent(town, COURSE) == [("at_work", 1, "achieved"), ("kept", 1, "achieved")]
    assert figures(town) == {"at_work": (1, 1), "kept": (1, 1)}
    again = said("employment.benefit_started", WHO, D(2024, 3, 25), recorded=D(2024, 6, 1), spell_id="t", benefit="dagpenge", unit="A")
    assert sent(town, [again]) == [("at_work", 2, "competing")]
    assert figures(town) == {"at_work": (0, 1), "kept": (1, 1)}
    earlier = town.mart(AS_OF, known_at=D(2024, 5, 1))  # what we said before we knew stays what we said
    assert earlier.cell("A", indicator="at_work")["achieved"] == 1


def test_a_job_that_ended_early_after_all_takes_the_lasting_effect_back_and_resuming_it_in_the_gap_gives_it_again(town: Town) -> None:
    sent(town, COURSE)
    ended = said("employment.placement_ended", WHO, D(2024, 6, 3), recorded=D(2024, 10, 1), placement_id="j", unit="A")
    assert sent(town, [ended]) == [("kept", 2, "not_achieved")]
    assert figures(town)["kept"] == (0, 1)
    resumed = said("employment.placement_started", WHO, D(2024, 6, 17), recorded=D(2024, 10, 2), placement_id="k", unit="A")
    assert sent(town, [resumed]) == [("kept", 3, "achieved")]
    assert figures(town)["kept"] == (1, 1)


def test_corrections_of_the_job_and_of_the_spell_retract_too(town: Town) -> None:
    sent(town, COURSE)
    later = replaced(JOB, D(2024, 9, 1), time=D(2024, 4, 20), data={"placement_id": "j", "unit": "A"})
    assert sent(town, [later]) == [("at_work", 2, "not_achieved"), ("kept", 2, "not_achieved")]
    assert figures(town) == {"at_work": (0, 1), "kept": (0, 1)}
    assert sent(town, [retracted(ENDED, D(2024, 9, 2))]) == [("at_work", 3, "withdrawn"), ("kept", 3, "withdrawn")]
    empty = town.mart(AS_OF).rows("SELECT DISTINCT state, reason FROM effect_by_unit")
    assert empty == [{"state": "missing", "reason": "no index event up to this day"}]
