"""Trap 8: people chosen for a score above 60 fall back by themselves. Mean 50, deviation 10, correlation 0.7, and nobody did anything."""

import datetime as dt
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import stats

from tests.factories_feed import Feed
from tests.factories_mart import Mart, catalogue, reached

D = dt.date
PEOPLE, MEAN, DEVIATION, CORRELATION, BAR = 800, 50.0, 10.0, 0.7, 60.0
BEFORE, AFTER, FALL = 65.2513527616, 60.6759469331, -4.5754058285
SCORE = {"event": "rehabilitation.function_assessed", "field": "score", "where": {"instrument": "strain"}}


def people() -> np.ndarray:
    """Three scores of each, any two of them with exactly this mean, deviation and correlation."""
    drawn = np.random.default_rng(8).normal(size=(PEOPLE, 3))
    drawn -= drawn.mean(axis=0)
    white = np.linalg.svd(drawn, full_matrices=False)[0] * np.sqrt(PEOPLE - 1)
    wanted = np.full((3, 3), CORRELATION) + (1 - CORRELATION) * np.eye(3)
    return MEAN + DEVIATION * white @ np.linalg.cholesky(wanted).T


def comparison(**selection: Any) -> dict[str, Any]:
    return {
        "id": "course", "name": "The course", "design": "before_after", "indicators": "done", "value_name": "strain",
        "before": SCORE | {"window": {"to": "P14D", "before": True, "which": "last"}},
        "value": SCORE | {"window": {"from": "P1D", "to": "P100D", "which": "last"}},
        "regression_to_the_mean": {"above": BAR} | selection,
    }  # fmt: skip


STATED = {"mean": MEAN, "deviation": DEVIATION, "correlation": CORRELATION, "source": "A survey"}


@pytest.fixture(scope="module")
def estimated(tmp_path_factory: pytest.TempPathFactory) -> Mart:
    return built(tmp_path_factory.mktemp("estimated"))


@pytest.fixture(scope="module")
def stated(tmp_path_factory: pytest.TempPathFactory) -> Mart:
    """The population is stated, and the catalogue claims more than a before/after deserves: `check` refuses that."""
    return built(tmp_path_factory.mktemp("stated"), evidence="experimental", **STATED)


def built(folder: Path, *, evidence: str | None = None, **selection: Any) -> Mart:
    """Everybody is measured in January and March; those above 60 in March get a course, and are measured again."""
    feed = Feed()
    for number, (first, second, third) in enumerate(people()):
        who = f"p:{number:08x}"
        feed.event("rehabilitation.function_assessed", D(2024, 1, 10), who, unit="A", instrument="strain", score=round(first, 9))
        feed.event("rehabilitation.function_assessed", D(2024, 3, 10), who, unit="A", instrument="strain", score=round(second, 9))
        if second > BAR:
            feed.event("rehabilitation.course_started", D(2024, 3, 12), who, unit="A", course_id=f"c{number}")
            feed.event("rehabilitation.function_assessed", D(2024, 6, 1), who, unit="A", instrument="strain", score=round(third, 9))
    done = reached(id="done", index="rehabilitation.course_started", target="rehabilitation.course_ended", horizon="P90D")
    one = comparison(**selection) | ({"evidence": evidence} if evidence else {})
    parts = catalogue(indicators=[done], task={"comparisons": [one]}, municipality={"k": 5})
    return feed.mart(folder, parts, D(2025, 1, 1))


@pytest.mark.parametrize("where_from", ["stated", "estimated"])
def test_the_fall_stands_beside_the_fall_that_chance_alone_gives(where_from: str, request: pytest.FixtureRequest) -> None:
    row = request.getfixturevalue(where_from).row("FROM comparison")
    assert row["selection_source"] == where_from
    second, third = people()[:, 1], people()[:, 2]
    chosen = second > BAR
    # What was seen: a large fall, whose limits leave nothing to doubt if nobody asks how they were chosen.
    interval = stats.ttest_rel(third[chosen], second[chosen]).confidence_interval()
    assert row["treated_counted"] == row["control_counted"] == chosen.sum()
    assert (row["difference_low"], row["difference_high"]) == pytest.approx((interval.low, interval.high), rel=1e-6)
    assert row["control_estimate"] == pytest.approx(BEFORE, abs=0.8)
    assert row["treated_estimate"] == pytest.approx(AFTER, abs=1.5)
    assert row["difference_high"] < 0
    # What chance alone gives, and that nothing is left beyond it.
    assert row["expected_change"] == pytest.approx(FALL, rel=1e-6)
    assert (row["expected_before"], row["expected_after"]) == pytest.approx((BEFORE, AFTER), rel=1e-6)
    assert row["beyond_expected"] == pytest.approx(row["difference"] - FALL, rel=1e-6)
    assert row["beyond_expected_low"] < 0 < row["beyond_expected_high"]


def test_mean_deviation_and_correlation_are_found_in_two_measurements_of_everybody(estimated: Mart) -> None:
    row = estimated.row("FROM comparison")
    found = (row["population_mean"], row["population_deviation"], row["population_correlation"])
    assert found == pytest.approx((MEAN, DEVIATION, CORRELATION), rel=1e-6)
    assert (row["population_persons"], row["selection_source"]) == (PEOPLE, "estimated")


def test_it_is_description_and_no_word_says_that_the_course_worked(estimated: Mart) -> None:
    row = estimated.row("FROM comparison")
    assert (row["evidence_level"], row["design"], row["method"]) == ("descriptive", "before_after", "paired_t")
    assert "what changed meanwhile is in it too" in row["reason"]
    assert "their mean moves back by itself" in row["selection_reason"]
    text = " ".join(str(value) for value in row.values()).lower()
    assert not any(word in text for word in ("effect of", "worked", "because of", "thanks to", "caused"))


def test_no_catalogue_can_claim_more(stated: Mart) -> None:
    assert stated.row("FROM comparison")["evidence_level"] == "descriptive"
