"""Companion e: two sources disagree on when a spell ended. One rule decides, it can be seen, and there is one episode."""

import datetime as dt
import itertools
from pathlib import Path

import pytest

from tests.factories_mart import catalogue, reached
from tests.town import Town, person, said

D = dt.date
HISTORY = {
    "start": said("employment.benefit_started", person(1), D(2024, 1, 8), spell_id="s", benefit="dagpenge", unit="A", source="urn:fund"),
    "fund": said("employment.benefit_ended", person(1), D(2024, 3, 20), recorded=D(2024, 4, 1), spell_id="s", unit="A", source="urn:fund"),
    "town": said("employment.benefit_ended", person(1), D(2024, 4, 10), recorded=D(2024, 4, 12), spell_id="s", unit="A", source="urn:town"),
    "job": said("employment.placement_started", person(1), D(2024, 4, 14), placement_id="j", unit="A", source="urn:town"),
}


@pytest.mark.parametrize("order", list(itertools.permutations(("fund", "town", "job")))[:4])
def test_the_end_that_was_recorded_last_stands_once(tmp_path: Path, order: tuple[str, ...]) -> None:
    town = Town(tmp_path, catalogue(indicators=[reached(horizon="P10D")]))
    town.feed([HISTORY["start"]])
    for name in order:
        town.feed([HISTORY[name]])
    mart = town.mart(D(2025, 1, 1))
    # One spell, ended on 10 April (recorded last): the job of the 14th is within ten days. From 20 March it would not have been.
    assert mart.rows("SELECT cohort, cohort_size, achieved FROM effect_by_unit WHERE unit_id = 'A' AND cohort <> 'all'") == [
        {"cohort": "2024-Q2", "cohort_size": 1, "achieved": 1}
    ]
    # Known before the town's word came, it was a spell of the first quarter without effect.
    earlier = town.mart(D(2025, 1, 1), known_at=D(2024, 4, 5))
    assert earlier.rows("SELECT cohort, achieved FROM effect_by_unit WHERE unit_id = 'A' AND cohort <> 'all'") == [
        {"cohort": "2024-Q1", "achieved": 0}
    ]
    assert mart.row("SELECT n FROM data_quality WHERE \"check\" = 'repeated_end'") == {"n": 1}
