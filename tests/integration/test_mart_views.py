"""Views, links, and conditions of work: what stands beside an effect, counted from persons and hidden where they are few."""

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from scipy import stats
from statsmodels.stats.proportion import confint_proportions_2indep

from tests.factories_feed import Feed
from tests.factories_mart import Mart, catalogue, reached

D = dt.date
AS_OF = D(2026, 1, 1)
SPRING = D(2024, 2, 1)
JOB = reached()
CLUB = reached(id="club", index="community.membership_started", target="community.volunteering_started", horizon="P60D")
LINKED = {"id": "play", "name": "Play", "purpose": "p", "target_group": "t", "indicators": [CLUB]}
LINK = {"links": [{"to": "play", "how": {"da": "fordi", "en": "because"}}]}


def built(feed: Feed, folder: Path, **parts: Any) -> Mart:
    return feed.mart(folder, catalogue(**parts), AS_OF)


def spell(feed: Feed, number: int, *, found: bool, on: dt.date = SPRING, unit: str = "A") -> str:
    who = f"p:{number:08x}"
    feed.event("employment.benefit_started", on - dt.timedelta(days=50), who, unit=unit, spell_id=f"s{number}", benefit="dagpenge")
    feed.event("employment.benefit_ended", on, who, unit=unit, spell_id=f"s{number}")
    if found:
        feed.event("employment.placement_started", on + dt.timedelta(days=20), who, unit=unit, placement_id=f"j{number}")
    return who


def member(feed: Feed, who: str, *, helps: bool) -> None:
    feed.event("community.membership_started", D(2024, 5, 1), who, unit="C", membership_id=f"m{who}")
    if helps:
        feed.event("community.volunteering_started", D(2024, 5, 9), who, unit="C", volunteering_id=f"v{who}")


def linked(counts: tuple[int, int, int, int]) -> Feed:
    """(with a job: in all, helping; without: in all, helping)."""
    feed, number = Feed(), 0
    for found, size, helping in ((True, *counts[:2]), (False, *counts[2:])):
        for place in range(size):
            number += 1
            member(feed, spell(feed, number, found=found), helps=place < helping)
    return feed


def test_a_link_tells_what_an_effect_goes_with(tmp_path: Path) -> None:
    feed = linked((30, 18, 20, 6))
    spell(feed, 900, found=True)  # no club: in neither group
    row = built(feed, tmp_path, task=LINK, core_tasks=[LINKED], municipality={"k": 5}).row("FROM core_task_link WHERE cohort = 'all'")
    assert (row["with_effect"], row["with_share"], row["without_effect"], row["without_share"]) == (30, 0.6, 20, 0.3)
    expected = confint_proportions_2indep(18, 30, 6, 20, compare="diff", method="newcomb")
    assert (row["difference"], row["difference_low"], row["difference_high"]) == pytest.approx((0.3, *expected), rel=1e-9)
    ratio = confint_proportions_2indep(18, 30, 6, 20, compare="ratio", method="log", correction=False)
    assert (row["ratio"], row["ratio_low"], row["ratio_high"]) == pytest.approx((2.0, *ratio), rel=1e-9)
    assert (row["evidence_level"], row["state"], row["method"]) == ("descriptive", "final", "newcombe")


@pytest.mark.parametrize("counts", [(4, 2, 20, 6), (30, 28, 20, 6), (30, 18, 20, 3), (30, 30, 20, 6)])
def test_a_link_of_few_is_hidden(tmp_path: Path, counts: tuple[int, int, int, int]) -> None:
    row = built(linked(counts), tmp_path, task=LINK, core_tasks=[LINKED], municipality={"k": 5}).row(
        "FROM core_task_link WHERE cohort = 'all'"
    )
    assert row["state"] == "suppressed"
    assert [value for value in row.values() if isinstance(value, int | float)] == []


def test_a_person_counts_once_in_a_link_by_the_first_answer(tmp_path: Path) -> None:
    feed = Feed()
    for number in range(6):
        who = spell(feed, number, found=number < 3)
        member(feed, who, helps=number % 2 == 0)
        spell(feed, 100 + number, found=True, on=D(2024, 9, 1))  # somebody else
        feed.event("employment.benefit_started", D(2024, 8, 1), who, unit="A", spell_id=f"t{number}", benefit="dagpenge")
        feed.event("employment.benefit_ended", D(2024, 10, 1), who, unit="A", spell_id=f"t{number}")
    rows = built(feed, tmp_path, task=LINK, core_tasks=[LINKED]).rows("FROM core_task_link ORDER BY cohort")
    assert [(row["cohort"], row["with_effect"], row["without_effect"]) for row in rows] == [
        ("2024-Q1", 3, 3),
        ("2024-Q4", 0, 6),
        ("all", 3, 3),
    ]
    assert (rows[1]["state"], rows[1]["difference"]) == ("missing", None)


@pytest.mark.parametrize(
    ("on", "side", "marked"),
    [
        ("2024-02-10", "from", {"2024-Q1": "2024-02-10", "all": "2024-02-10"}),
        ("2024-05-05", "to", {"2024-Q1": "2024-05-05", "all": "2024-05-05"}),
        ("2019-01-01", "to", {}),
    ],
)
def test_a_link_says_which_breaks_it_crosses_on_either_side(tmp_path: Path, on: str, side: str, marked: dict[str, str]) -> None:
    broken = {"breaks": [{"on": on, "why": {"da": "ny lov", "en": "a new law"}}]}
    task, other = LINK | (broken if side == "from" else {}), LINKED | (broken if side == "to" else {})
    rows = built(linked((3, 2, 3, 1)), tmp_path, task=task, core_tasks=[other]).rows("FROM core_task_link ORDER BY cohort")
    assert {row["cohort"]: row["breaks"] for row in rows if row["breaks"]} == marked
    assert all("a new law" in row["reason"] and ("in play" in row["reason"]) == (side == "to") for row in rows if row["breaks"])
    assert [row["cohort"] for row in rows] == ["2024-Q1", "all"]


def test_three_views_and_their_gaps(tmp_path: Path) -> None:
    feed = Feed()
    for number in range(40):
        spell(feed, number, found=number < 10)
        if number % 2:
            feed.event(
                "employment.programme_started", D(2024, 2, 20), f"p:{number:08x}", unit="A", programme_id=f"r{number}", programme="x"
            )
    # Any indicator can be the experienced view; a rating is one like the others once it is translated.
    felt = reached(id="felt", target="employment.programme_started", lead_for_cost=False)
    views = {"views": {"formal_share": 0.4, "performed": "job", "experienced": "felt"}}
    row = built(feed, tmp_path, indicators=[JOB, felt], task=views).row("FROM core_task_views WHERE unit_id = 'A' AND cohort = '2024-Q1'")
    assert (row["formal"], row["performed"], row["experienced"]) == (0.4, 0.25, 0.5)
    assert (row["gap_formal_performed"], row["gap_performed_experienced"]) == (pytest.approx(-0.15), 0.25)
    assert row["gap_formal_performed_low"] == row["performed_low"] - 0.4
    assert (row["experienced_low"] < 0.5 < row["experienced_high"], row["state"], row["experienced_state"]) == (True, "final", "final")
    assert row["reason"] is None


def test_a_view_that_nobody_was_asked_for_says_so(tmp_path: Path) -> None:
    feed = Feed()
    for number in range(10):
        spell(feed, number, found=number < 5)
    felt = reached(id="felt", index="education.school_left", lead_for_cost=False)
    views = {"views": {"performed": "job", "experienced": "felt"}}
    row = built(feed, tmp_path, indicators=[JOB, felt], task=views).row("FROM core_task_views WHERE unit_id = 'A' AND cohort = '2024-Q1'")
    assert (row["formal"], row["experienced"], row["experienced_state"]) == (None, None, "missing")
    assert row["reason"] == "no target is decided; experienced: nobody was asked"


def survey(feed: Feed, unit: str, score: float, answered: int, on: dt.date = SPRING, instrument: str = "social_capital") -> None:
    feed.event(
        "organisation.staff_surveyed", on, unit, unit=unit, instrument=instrument, dimension="trust", score=score, scale_min=1, scale_max=5,
        answered=answered,
    )  # fmt: skip


def involved(feed: Feed, scores: list[int], unit: str = "A") -> None:
    for number, score in enumerate(scores):
        feed.event("experience.involvement_rated", D(2024, 3, 2), f"p:{number:08x}", unit=unit, score=score, scale_min=0, scale_max=10)


UNITS = [
    {"id": name, "name": name, "level": "department", "parent": parent} for name, parent in (("town", None), ("A", "town"), ("B", "town"))
]


def condition(mart: Mart, measure: str, unit: str = "A", cohort: str = "2024-Q1") -> dict[str, Any]:
    return mart.row("FROM work_conditions WHERE measure = ? AND unit_id = ? AND cohort = ?", measure, unit, cohort)


def test_a_staff_survey_is_rescaled_and_weighted_by_answers_beside_the_effect(tmp_path: Path) -> None:
    feed = Feed()
    for number in range(20):
        spell(feed, number, found=number < 8)
    survey(feed, "A", 3, 30)
    survey(feed, "A", 5, 10)
    survey(feed, "B", 1, 40)
    mart = built(feed, tmp_path, units=UNITS, municipality={"k": 5})
    own, town = (condition(mart, "social_capital:trust", unit) for unit in ("A", "town"))
    assert (own["value"], own["answers"]) == (pytest.approx((0.5 * 30 + 1.0 * 10) / 40), 40)
    assert (town["value"], town["answers"]) == (pytest.approx(25 / 80), 80)
    assert (own["core_task_id"], own["effect_share"], own["effect_state"]) == ("work", 0.4, "final")
    assert (own["evidence_level"], own["state"], own["asked"]) == ("descriptive", "final", "staff")
    assert condition(mart, "social_capital:trust", "B")["reason"] == "no effect is counted at this unit in this period"


def test_fewer_than_k_answers_are_hidden_and_do_not_follow_from_the_unit_above(tmp_path: Path) -> None:
    feed = Feed()
    survey(feed, "A", 3, 4)
    survey(feed, "B", 1.37, 40)
    mart = built(feed, tmp_path, units=UNITS, municipality={"k": 5})
    own, town = (condition(mart, "social_capital:trust", unit) for unit in ("A", "town"))
    assert (own["state"], own["value"], own["answers"]) == ("suppressed", None, None)
    assert (town["answers"], town["value"]) == (None, 0.13)  # (0.5 x 4 + 0.0925 x 40) / 44, rounded


def test_time_that_helps_no_citizen_is_a_share_of_all_registered(tmp_path: Path) -> None:
    feed = Feed()
    for purpose, minutes in {"citizen": 500, "documentation": 200, "coordination": 150, "transport": 100, "other": 50}.items():
        feed.event("organisation.time_registered", D(2024, 3, 1), "A", unit="A", minutes=minutes, purpose=purpose)
    mart = built(feed, tmp_path)
    assert (condition(mart, "time:without_value")["value"], condition(mart, "time:without_value")["minutes"]) == (0.45, 450)
    assert (condition(mart, "time:citizen")["value"], condition(mart, "time:citizen")["answers"]) == (0.5, None)


def test_involvement_is_a_mean_over_persons_with_students_limits(tmp_path: Path) -> None:
    feed = Feed()
    scores = [2, 4, 6, 8, 10, 7]
    involved(feed, scores)
    feed.event(
        "experience.involvement_rated", D(2024, 3, 9), f"p:{0:08x}", unit="A", score=4, scale_min=0, scale_max=10
    )  # asked twice: 0.3
    for number in range(20):
        spell(feed, number, found=number < 8)
    mart = built(feed, tmp_path, task={"views": {"performed": "job"}}, municipality={"k": 5})
    row = condition(mart, "involvement")
    values = [0.3, 0.4, 0.6, 0.8, 1.0, 0.7]
    limits = stats.ttest_1samp(values, 0).confidence_interval()
    assert (row["value"], row["value_low"], row["value_high"]) == pytest.approx((sum(values) / 6, limits.low, limits.high), rel=1e-8)
    assert (row["answers"], row["asked"]) == (6, "citizens")
    view = mart.row("FROM core_task_views WHERE unit_id = 'A' AND cohort = '2024-Q1'")
    assert (view["involvement"], view["performed"]) == (row["value"], 0.4)


def test_involvement_of_fewer_than_k_persons_is_hidden_however_often_they_rate(tmp_path: Path) -> None:
    feed = Feed()
    for _ in range(3):
        involved(feed, [2, 4, 6])
    assert condition(built(feed, tmp_path, municipality={"k": 5}), "involvement")["value"] is None


def test_answers_of_different_instruments_are_never_mixed(tmp_path: Path) -> None:
    feed = Feed()
    survey(feed, "A", 3, 30)
    survey(feed, "A", 5, 30, instrument="wellbeing")
    mart = built(feed, tmp_path)
    assert [condition(mart, f"{name}:trust")["value"] for name in ("social_capital", "wellbeing")] == [0.5, 1.0]
