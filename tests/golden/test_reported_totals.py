"""Totals that a source reports of its units: nobody behind them, numerator over denominator, added up once."""

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from tests.factories_feed import Feed
from tests.factories_mart import Mart, catalogue

D = dt.date
AS_OF = D(2025, 3, 1)
UNITS: list[dict[str, Any]] = [
    {"id": "town", "name": "Town", "level": "municipality"},
    {"id": "schools", "name": "Schools", "level": "administration", "parent": "town"},
    {"id": "A", "name": "A", "level": "institution", "parent": "schools"},
    {"id": "B", "name": "B", "level": "institution", "parent": "schools"},
]
PASSED = {"id": "passed", "name": "Passed", "kind": "reported", "measure": "passed", "effect": {"unit": "pupil who passed"}}


def built(folder: Path, *reports: tuple[str, str, int, int], k: int = 1, measure: str = "passed", **parts: Any) -> Mart:
    """Reports of unit, period, numerator, denominator, told one day after another."""
    feed = Feed()
    for number, (unit, period, numerator, denominator) in enumerate(reports):
        told = {"measure": measure, "period": period, "numerator": numerator, "denominator": denominator}
        feed.event("organisation.counts_reported", D(2025, 1, 5) + dt.timedelta(days=number), unit, unit=unit, **told)
    chosen = {"units": UNITS, "indicators": [PASSED], "municipality": {"k": k}} | parts
    return feed.mart(folder, catalogue(**chosen), AS_OF)


def counts(mart: Mart, unit: str = "(all)", cohort: str = "all") -> tuple[int, int]:
    cell = mart.cell(unit, cohort, "passed")
    return cell["achieved"], cell["denominator"]


def test_parents_are_sums_of_numerators_and_denominators_with_wilson(tmp_path: Path) -> None:
    mart = built(tmp_path, ("A", "2024", 18, 30), ("B", "2024", 3, 20))
    for unit, cohort, told in (("A", "2024", (18, 30)), ("B", "all", (3, 20)), ("schools", "2024", (21, 50)), ("(all)", "all", (21, 50))):
        assert counts(mart, unit, cohort) == told
    cell = mart.cell("A", "2024", "passed")
    assert (cell["share"], cell["share_low"], cell["share_high"]) == pytest.approx((0.6, 0.4232036025, 0.7540937188), rel=1e-8)
    assert (cell["share_method"], cell["state"]) == ("wilson", "final")
    assert (cell["estimate"], cell["estimate_method"]) == (None, None)
    assert "no persons behind them" in cell["reason"]
    assert mart.rows("SELECT * FROM effect_curve WHERE indicator_id = 'passed'") == []


def test_a_report_told_again_replaces_the_first(tmp_path: Path) -> None:
    assert counts(built(tmp_path, ("A", "2024", 18, 30), ("A", "2024", 20, 31))) == (20, 31)


def test_months_add_up_to_quarters_and_a_year_told_as_a_whole_replaces_its_months(tmp_path: Path) -> None:
    mart = built(
        tmp_path,
        ("A", "2024-01", 5, 10),
        ("A", "2024-03", 6, 10),
        ("B", "2024-02", 1, 9),
        ("B", "2024", 60, 100),
        ("A", "2024-05-17", 1, 2),
    )
    assert counts(mart, "A", "2024-Q1") == (11, 20)
    assert counts(mart, "A", "2024-Q2") == (1, 2)
    assert counts(mart, "B", "2024") == (60, 100)
    assert mart.rows("SELECT 1 FROM effect_by_unit WHERE unit_id = 'B' AND cohort = '2024-Q1'") == []
    assert counts(mart) == (72, 122)


def test_a_unit_that_reports_the_same_itself_stands_for_those_below_it(tmp_path: Path) -> None:
    mart = built(tmp_path, ("A", "2024", 18, 30), ("schools", "2024", 50, 80), ("A", "2023", 10, 30))
    assert counts(mart, "A") == (28, 60)
    assert counts(mart, "schools", "2024") == (50, 80)
    assert counts(mart, "(all)") == (60, 110)  # of 2023 the school alone is known


def test_a_period_that_is_not_over_is_immature_and_another_measure_is_another(tmp_path: Path) -> None:
    cell = built(tmp_path, ("A", "2025", 4, 9)).cell("A", "2025", "passed")
    assert (cell["state"], cell["pending"], cell["share"]) == ("immature", 9, None)
    assert "not over yet" in cell["reason"]
    (tmp_path / "other").mkdir()
    empty = built(tmp_path / "other", ("A", "2024", 4, 9), measure="waited").cell(indicator="passed")
    assert (empty["state"], empty["reason"]) == ("missing", "no totals reported up to this day")


def test_small_counts_are_hidden_as_if_they_were_persons(tmp_path: Path) -> None:
    mart = built(tmp_path, ("A", "2024", 28, 30), ("B", "2024", 10, 30), k=5)
    cell = mart.cell("A", "2024", "passed")
    assert (cell["state"], cell["achieved"], cell["share"]) == ("suppressed", None, None)
    assert "no persons behind them" in cell["reason"]


def test_a_small_count_does_not_follow_from_the_sum_above_or_from_the_other_years(tmp_path: Path) -> None:
    schools = ("A", 28, 30), ("B", 10, 30), ("C", 15, 30)
    reports = [(unit, year, told - 3 * (year == "2023"), size) for year in ("2023", "2024") for unit, told, size in schools]
    units = [*UNITS, {"id": "C", "name": "C", "level": "institution", "parent": "schools"}]
    mart = built(tmp_path, *reports, k=5, units=units)

    def shown(unit: str, cohort: str) -> bool:
        return mart.cell(unit, cohort, "passed")["achieved"] is not None

    assert not shown("A", "2024")
    assert not all(shown(*cell) for cell in (("schools", "2024"), ("B", "2024"), ("C", "2024")))
    assert not all(shown(*cell) for cell in (("A", "all"), ("A", "2023")))
    assert shown("(all)", "2023")
