"""Trap 10: what is hidden must not follow by arithmetic from what is shown: totals, kroner per effect, steps of a curve, everybody."""

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from tests.factories_feed import Feed
from tests.factories_mart import Mart, catalogue, reached

D = dt.date
CHILDREN = ("twelve", "nine", "three")
UNITS = [
    {"id": "parent", "name": "Parent", "level": "administration"},
    *({"id": name, "name": name, "level": "institution", "parent": "parent"} for name in CHILDREN),
]
JOB = reached(index="employment.benefit_started", horizon="P60D")
TOWN = {"municipality": {"period": "year", "k": 5}, "units": UNITS, "indicators": [JOB], "costs": {"rules": [{"to": "work"}]}}


def fed(units: dict[str, tuple[int, int]]) -> Feed:
    """So many citizens of each unit in 2024, of whom so many found work a month later; 20,000 kroner for each."""
    feed = Feed()
    for unit, (persons, found) in units.items():
        for number in range(persons):
            who = f"p:{ord(unit[1]):04x}{number:04x}"
            feed.event("employment.benefit_started", D(2024, 2, 1), who, unit=unit, spell_id=who, benefit="kontanthjaelp")
            if number < found:
                feed.event("employment.placement_started", D(2024, 3, 1), who, unit=unit, placement_id=who)
        feed.ledger(D(2024, 2, 15), unit, persons * 20_000)
    return feed


def built(folder: Path, units: dict[str, tuple[int, int]]) -> Mart:
    return fed(units).mart(folder, catalogue(**TOWN), D(2026, 1, 1))


def shown(mart: Mart, column: str) -> dict[str, Any]:
    """What a reader sees of one column in 2024, by unit."""
    rows = mart.rows(f"SELECT unit_id, \"{column}\" AS value FROM effect_by_unit WHERE cohort = '2024'")
    return {row["unit_id"]: row["value"] for row in rows}


@pytest.fixture(scope="module")
def persons(tmp_path_factory: pytest.TempPathFactory) -> Mart:
    """Children of 12, 9 and 3 citizens under a parent of 24."""
    return built(tmp_path_factory.mktemp("persons"), {"twelve": (12, 6), "nine": (9, 4), "three": (3, 1)})


def test_hiding_the_three_hides_a_second_child(persons: Mart) -> None:
    sizes = shown(persons, "cohort_size")
    # 24 - 12 - 9 = 3. The nine goes with it: of the two it is the one that costs least to hide.
    assert sizes == {"(all)": 24, "parent": 24, "twelve": 12, "nine": None, "three": None}


def test_the_same_for_effects_where_the_cohorts_are_large(tmp_path: Path) -> None:
    mart = built(tmp_path, {"twelve": (30, 12), "nine": (28, 9), "three": (20, 3)})
    assert shown(mart, "achieved") == {"(all)": 24, "parent": 24, "twelve": 12, "nine": None, "three": None}
    assert shown(mart, "cohort_size") == {"(all)": 78, "parent": 78, "twelve": 30, "nine": 28, "three": 20}
    states = {row["unit_id"]: row["reason"] for row in mart.rows("FROM effect_by_unit WHERE cohort = '2024'")}
    assert states["nine"] == states["three"]  # which of the two is the small one is not told


def test_kroner_and_kroner_per_effect_are_not_both_shown(persons: Mart) -> None:
    rows = {row["unit_id"]: row for row in persons.rows("FROM effect_per_krone WHERE cohort = '2024'")}
    assert (rows["parent"]["cost_ore"], rows["parent"]["kroner_per_effect"]) == (48_000_000, pytest.approx(480_000 / 11))
    for name, effects in shown(persons, "achieved").items():
        # 480,000 kroner over 160,000 for each would be 3: what is hidden as a count is hidden as money too.
        ratios = [
            rows[name][column] for column in ("attributed_effects", "kroner_per_effect", "effects_per_million", "kpe_low", "epm_high")
        ]
        assert (effects is None) == (ratios == [None] * 5), name
    assert shown(persons, "achieved")["three"] is None


def test_a_hundred_per_cent_is_treated_like_a_small_one(tmp_path: Path) -> None:
    mart = built(tmp_path, {"twelve": (30, 12), "nine": (28, 9), "three": (20, 20)})
    # All of the 20 found work, and that is hidden; 41 - 12 - 20 would say it again.
    assert shown(mart, "achieved") == {"(all)": 41, "parent": 41, "twelve": 12, "nine": None, "three": None}


def test_a_child_alone_is_hidden_with_its_parent(tmp_path: Path) -> None:
    mart = built(tmp_path, {"three": (20, 3)})
    assert set(shown(mart, "achieved").values()) == {None}
