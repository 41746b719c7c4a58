"""Means of changes with their limits, ratings, and granted time: from events through the real store to effect_by_unit."""

import datetime as dt
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy import stats

from outcomes.estimators import mean_interval
from tests.factories_feed import Feed
from tests.factories_mart import Mart, catalogue

D = dt.date
BEGUN, SEEN_AGAIN, AS_OF = D(2024, 3, 1), D(2024, 4, 26), D(2025, 1, 1)
MEANS = ("mean_baseline", "mean_follow_up", "mean_change", "mean_change_low", "mean_change_high", "sd_change")


def barthel(**parts: Any) -> dict[str, Any]:
    """An indicator: at least ten points of Barthel after eight weeks."""
    return {
        "id": "barthel", "name": "Barthel", "kind": "change", "index": "rehabilitation.course_started", "measure": "barthel",
        "follow_up": {"from": "P42D", "to": "P70D"}, "better": "higher", "minimal_important_change": 10, "ceiling": 100,
        "effect": {"unit": "citizen who can do more"},
    } | parts  # fmt: skip


def course(feed: Feed, who: str, before: float | None, after: float | None, unit: str = "A", on: dt.date = BEGUN) -> None:
    """One course with a score on its first day and one eight weeks later, where they are given."""
    feed.event("rehabilitation.course_started", on, who, unit=unit, course_id=f"c{who}{on}")
    for day, score in ((on, before), (on + (SEEN_AGAIN - BEGUN), after)):
        if score is not None:
            feed.event("rehabilitation.function_assessed", day, who, unit=unit, instrument="barthel", score=score)


def built(feed: Feed, folder: Path, *indicators: dict[str, Any], k: int = 1, as_of: dt.date = AS_OF, **parts: Any) -> Mart:
    return feed.mart(folder, catalogue(indicators=list(indicators or [barthel()]), municipality={"k": k}, **parts), as_of)


def test_means_and_t_interval_agree_with_scipy_in_units_parents_and_periods(tmp_path: Path) -> None:
    feed, chance = Feed(), np.random.default_rng(4)
    pairs: dict[str, list[tuple[float, float]]] = {}
    for number in range(60):
        unit, on = "AB"[number % 2], D(2024, 1 + 3 * (number % 3), 5)
        before, after = (float(round(score, 1)) for score in chance.uniform(0, 100, 2))
        course(feed, f"p:{number:08x}", before, after, unit, on)
        for place in (f"{unit} all", f"{unit} 2024-Q{1 + number % 3}", "town all"):
            pairs.setdefault(place, []).append((before, after))
    units = [{"id": "town", "name": "Town", "level": "municipality"}]
    units += [{"id": unit, "name": unit, "level": "department", "parent": "town"} for unit in "AB"]
    mart = built(feed, tmp_path, as_of=D(2025, 6, 1), units=units)
    for place, told in pairs.items():
        cell = mart.cell(*place.split(), indicator="barthel")
        before, after = np.array(told).T
        paired = stats.ttest_rel(after, before).confidence_interval()
        change = after - before
        expected = (before.mean(), after.mean(), change.mean(), paired.low, paired.high, change.std(ddof=1))
        assert [cell[name] for name in MEANS] == pytest.approx(expected, rel=1e-9), place
        assert cell["n_measured"] == len(told)
        assert cell["mean_change_method"] == "t interval of the mean of paired differences"
        assert cell["improved"] == int((change > 0).sum())


def test_only_the_mature_and_measured_are_in_the_mean(tmp_path: Path) -> None:
    feed = Feed()
    course(feed, "p:0000000a", 20, 50)
    course(feed, "p:0000000b", 40, 40)
    course(feed, "p:0000000c", 50, None)
    course(feed, "p:0000000d", None, 90)
    course(feed, "p:0000000e", 100, 100)
    course(feed, "p:0000000f", 10, 90, on=D(2024, 11, 20))  # the window of follow-up is open on 1 January
    cell = built(feed, tmp_path).cell(indicator="barthel")
    assert [cell[name] for name in ("cohort_size", "pending", "matured", "achieved", "not_achieved", "unmeasured", "n_measured")] == [
        6, 1, 5, 1, 2, 2, 3,
    ]  # fmt: skip
    assert (cell["mean_change"], cell["mean_baseline"], cell["at_ceiling"]) == pytest.approx((10, 160 / 3, 1))
    assert cell["state"] == "immature"


def test_the_estimate_takes_who_was_not_measured_neither_for_a_failure_nor_for_somebody_still_to_come(tmp_path: Path) -> None:
    feed = Feed()
    for number, after in enumerate((50, 50, 50, 20, None, None)):
        course(feed, f"p:{number:08x}", 20, after)
    cell = built(feed, tmp_path).cell(indicator="barthel")
    assert (cell["share"], cell["estimate"], cell["estimate_method"]) == (0.75, pytest.approx(0.75), "aalen_johansen")


def test_one_person_has_a_mean_but_no_limits(tmp_path: Path) -> None:
    feed = Feed()
    course(feed, "p:0000000a", 20, 50)
    cell = built(feed, tmp_path).cell(indicator="barthel")
    assert [cell[name] for name in MEANS] == [20, 50, 30, None, None, None]


def test_eight_patients_under_suppression(tmp_path: Path) -> None:
    # k = 5 and eight patients: with five better and three not, the three would be known, so only the cohort is shown.
    feed = Feed()
    for number in range(8):
        course(feed, f"p:{number:08x}", 40, 80 if number < 5 else 40, unit="A")
        course(feed, f"p:1{number:07x}", 40, 80 - number, unit="B")
    mart = built(feed, tmp_path, k=5)
    for unit in "AB":  # in B all eight are better: that says something of each
        cell = mart.cell(unit, indicator="barthel")
        assert (cell["state"], cell["n_measured"], cell["improved"], cell["at_ceiling"]) == ("suppressed", None, None, None)
        assert [cell[name] for name in MEANS] == [None] * len(MEANS)


def test_a_change_that_is_the_same_for_everybody_is_not_shown(tmp_path: Path) -> None:
    feed = Feed()
    for number in range(6):
        course(feed, f"p:{number:08x}", 40, 60)
        course(feed, f"p:1{number:07x}", 45, 45 + number)
        course(feed, f"p:2{number:07x}", 40, 45, unit="B")
    mart = built(feed, tmp_path, k=5)
    assert mart.cell("A", indicator="barthel")["mean_change"] == pytest.approx(11.25)
    cell = mart.cell("B", indicator="barthel")
    assert (cell["share"], cell["mean_change"], cell["mean_baseline"]) == (0, None, None)
    assert "mean_change" in cell["hidden"]


def test_granted_time_and_ratings(tmp_path: Path) -> None:
    feed = Feed()
    for number, (granted, later, rating) in enumerate([(120, 60, 5), (100, 100, 4), (0, 0, 1), (None, None, None)]):
        who = f"p:{number:08x}"
        feed.event("rehabilitation.course_started", BEGUN, who, unit="A", course_id=f"c{number}")
        if granted is not None:
            feed.event("rehabilitation.care_granted", BEGUN, who, unit="A", minutes_per_week=granted)
            feed.event("rehabilitation.care_granted", SEEN_AGAIN, who, unit="A", minutes_per_week=later)
            rated = {"question": "independence", "score": rating, "scale_min": 1, "scale_max": 5}
            feed.event("experience.rated", SEEN_AGAIN, who, unit="A", **rated)
    shared = {"index": "rehabilitation.course_started", "follow_up": {"from": "P30D", "to": "P90D"}, "effect": {"unit": "citizen"}}
    halved = {"id": "halved", "name": "Halved", "kind": "reduction", "by": 0.5} | shared
    independent = {"id": "own", "name": "Independent", "kind": "experienced", "question": "independence", "bar": 0.75} | shared
    mart = built(feed, tmp_path, halved, independent)
    cell = mart.cell(indicator="halved")
    assert [cell[name] for name in ("achieved", "not_achieved", "unmeasured", "at_ceiling", "improved", "unchanged")] == [1, 2, 1, 1, 1, 2]
    assert [cell[name] for name in MEANS[:3]] == pytest.approx([220 / 3, 160 / 3, -20])
    cell = mart.cell(indicator="own")
    assert [cell[name] for name in ("achieved", "not_achieved", "unmeasured", "share")] == [2, 1, 1, pytest.approx(2 / 3)]
    assert [cell[name] for name in MEANS] == [None, pytest.approx((1 + 0.75 + 0) / 3), None, None, None, None]
    assert (cell["improved"], cell["mean_change_method"]) == (None, None)


@settings(deadline=None, derandomize=True, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(values=st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=30))
def test_the_t_interval_is_that_of_scipy(values: list[float]) -> None:
    changes = np.array(values)
    low, high = mean_interval(changes.mean(), changes.std(ddof=1), len(changes))
    if changes.std(ddof=1) > 1e-6 * max(1.0, abs(changes.mean())):
        expected = stats.ttest_1samp(changes, 0).confidence_interval()
        assert (float(low), float(high)) == pytest.approx((expected.low, expected.high), rel=1e-9, abs=1e-9)
    assert np.isnan(mean_interval(1.0, np.nan, 1)).all()
