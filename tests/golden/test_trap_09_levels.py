"""Trap 9, levels: compared pair by pair; a 9 on either side is unmeasured, and no mean of levels exists."""

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from tests.factories_feed import Feed
from tests.factories_mart import Mart, catalogue

D = dt.date
BEGUN, SEEN_AGAIN, AS_OF = D(2024, 3, 1), D(2024, 5, 1), D(2025, 1, 1)
PAIRS = [(3, 2), (3, 3), (2, 3), (4, 9), (9, 1), (1, 0)]

WALKING: dict[str, Any] = {
    "id": "walking", "name": "Walking", "kind": "change", "index": "rehabilitation.course_started", "measure": "fsiii:walking",
    "baseline": {"from": "P0D", "to": "P7D"}, "follow_up": {"from": "P30D", "to": "P90D", "which": "last"}, "better": "lower",
    "minimal_important_change": 1, "ordinal": True, "not_relevant": [9], "ceiling": 0, "effect": {"unit": "citizen who walks better"},
}  # fmt: skip


def built(folder: Path, pairs: list[tuple[int, int]], k: int = 1, unit: str = "A") -> Mart:
    feed = Feed()
    for number, (before, after) in enumerate(pairs):
        who = f"p:{number:08x}"
        feed.event("rehabilitation.course_started", BEGUN, who, unit=unit, course_id=f"c{number}")
        for on, level in ((BEGUN, before), (SEEN_AGAIN, after)):
            feed.event("rehabilitation.function_assessed", on, who, unit=unit, instrument="fsiii", item="walking", score=level)
    return feed.mart(folder, catalogue(indicators=[WALKING], municipality={"k": k}), AS_OF)


def test_half_better_a_quarter_the_same_a_quarter_worse_of_four_measured(tmp_path: Path) -> None:
    cell = built(tmp_path, PAIRS).cell(indicator="walking")
    assert (cell["cohort_size"], cell["n_measured"], cell["unmeasured"], cell["denominator"]) == (6, 4, 2, 4)
    assert (cell["improved_share"], cell["unchanged_share"], cell["worse_share"]) == (0.5, 0.25, 0.25)
    assert (cell["improved"], cell["unchanged"], cell["worse"]) == (2, 1, 1)
    assert (cell["achieved"], cell["share"]) == (2, 0.5)


def test_no_mean_of_levels_exists(tmp_path: Path) -> None:
    cell = built(tmp_path, PAIRS).cell(indicator="walking")
    means = ("mean_change", "mean_change_low", "mean_change_high", "mean_baseline", "mean_follow_up", "sd_change", "srm")
    assert [cell[name] for name in means] == [None] * len(means)
    assert cell["mean_change_method"] == "levels compared one by one; no mean exists"


def test_who_begins_at_the_best_level_counts_and_is_told_of(tmp_path: Path) -> None:
    cell = built(tmp_path, [(0, 0), (0, 1), (2, 1)]).cell(indicator="walking")
    assert (cell["at_ceiling"], cell["n_measured"], cell["not_achieved"]) == (2, 3, 2)


@pytest.mark.parametrize(
    ("pairs", "shown"),
    [
        ([(3, 2)] * 6 + [(2, 2)] * 5 + [(2, 3)] * 5, True),
        ([(3, 2)] * 6 + [(2, 2)] * 8 + [(2, 3)] * 2, False),  # two got worse
        ([(3, 2)] * 6 + [(0, 0)] * 2 + [(2, 3)] * 6, False),  # two were at the best level
    ],
)
def test_few_who_moved_one_way_are_not_shown(tmp_path: Path, pairs: list[tuple[int, int]], shown: bool) -> None:
    cell = built(tmp_path, pairs, k=5).cell("A", indicator="walking")
    assert cell["n_measured"] == len(pairs)
    levels = [cell[name] for name in ("improved", "unchanged", "worse", "at_ceiling", "improved_share", "worse_share")]
    assert all(level is not None for level in levels) if shown else levels == [None] * len(levels)
    assert ("improved" in (cell["hidden"] or "")) is not shown
