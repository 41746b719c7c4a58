"""Trap 9, law and definitions: a new act empties a series on one day; a break is marked, and no trend or ratio crosses it."""

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from pipelines.mart import build_mart
from tests.factories_mart import Mart, StoreFile, catalogue, reached, strata_reference

ACT = dt.date(2025, 7, 1)
BREAK = {"on": "2025-07-01", "why": {"da": "Ældreloven træder i kraft", "en": "The act on elder care comes into force"}}
LEVELS = [{"attribute": "need", "levels": ["low"]}]


def mart_of(tmp_path: Path, *, expected: dict[str, Any] | None, where: str = "indicator", **reference: Any) -> Mart:
    """200 episodes in the quarter before the act, 15 in the one after it."""
    store = StoreFile(tmp_path / "store.duckdb")
    for start, count in ((dt.date(2025, 5, 20), 200), (dt.date(2025, 7, 15), 15)):
        for number in range(count):
            achieved = number % 2 == 0
            store.effect("achieved" if achieved else "not_achieved", start, 20 if achieved else 60, resolves=60)
            store.event("person.condition_recorded", start, subject=f"p:{store.effects:08x}", attributes={"need": "low"})
    parts: dict[str, Any] = {"horizon": "P60D", "case_mix": LEVELS, "expected": expected}
    parts |= {"breaks": [BREAK]} if where == "indicator" else {}
    described = catalogue(
        indicators=[reached(**parts)],
        task={"breaks": [BREAK]} if where == "core_task" else {},
        municipality={"breaks": [BREAK]} if where == "municipality" else {},
        references=[strata_reference({"low": (100, 50)}, **reference)],
    )
    build_mart(store.save(), described, tmp_path / "mart.duckdb", dt.date(2026, 3, 1))
    return Mart(tmp_path / "mart.duckdb")


@pytest.mark.parametrize("where", ["indicator", "core_task", "municipality"])
def test_the_break_is_marked_in_every_row_that_it_touches(tmp_path: Path, where: str) -> None:
    mart = mart_of(tmp_path, expected=None, where=where)
    before, after, whole = (mart.cell("A", cohort) for cohort in ("2025-Q2", "2025-Q3", "all"))
    assert (before["cohort_size"], after["cohort_size"]) == (200, 15)
    # The first quarter's index days lie before the act, but its follow-up reaches beyond it.
    assert before["breaks"] == "2025-07-01"
    assert "a break lies inside its follow-up: 2025-07-01 (The act on elder care comes into force)" in before["reason"]
    assert (before["comparable_from"], after["comparable_from"]) == (None, ACT)
    assert after["breaks"] is None
    assert "a break lies inside the cohort" in whole["reason"]
    assert mart.row("SELECT break_on, why_en FROM dim_break") == {"break_on": ACT, "why_en": BREAK["why"]["en"]}  # type: ignore[index]


@pytest.mark.parametrize("table", ["effect_per_krone", "output_vs_effect", "effect_curve", "core_task_views", "effect_by_core_task"])
def test_no_table_crosses_it_in_silence(tmp_path: Path, table: str) -> None:
    store = StoreFile(tmp_path / "store.duckdb")
    for start in (dt.date(2025, 4, 15), dt.date(2025, 8, 15)):
        for number in range(20):
            store.effect("achieved" if number % 2 else "not_achieved", start, 20, resolves=60)
            store.event("employment.conversation_held", start, unit="A", subject=f"p:{store.effects:08x}", minutes=30)
        store.ledger(start, "A", "5689010", 10_000_000)
    described = catalogue(
        indicators=[reached(horizon="P60D", breaks=[BREAK])], costs={"rules": [{"account": "5", "to": "work"}]},
        outputs=[{"id": "talks", "name": "Talks", "event": "employment.conversation_held"}],
        task={"views": {"formal_share": 0.5, "performed": "job"}, "parent": "whole"},
        core_tasks=[{"id": "whole", "name": "Whole", "purpose": "All of it", "target_group": "All"}],
    )  # fmt: skip
    build_mart(store.save(), described, tmp_path / "mart.duckdb", dt.date(2026, 3, 1))
    rows = Mart(tmp_path / "mart.duckdb").rows(f"SELECT * FROM {table} WHERE cohort = 'all'")
    assert rows
    assert {row["breaks"] for row in rows} == {"2025-07-01"}
    assert all("2025-07-01" in row["reason"] for row in rows)


def test_a_reference_from_before_the_act_says_nothing_of_cohorts_after_it(tmp_path: Path) -> None:
    mart = mart_of(tmp_path, expected={"reference": "ref"}, first_index_on="2024-01-01", last_index_on="2024-12-31")
    before, after, whole = (mart.cell("A", cohort) for cohort in ("2025-Q2", "2025-Q3", "all"))
    assert (before["expected"], before["expected_state"]) == (pytest.approx(100), "final")
    for cell in (after, whole):
        assert (cell["expected"], cell["observed_over_expected"], cell["expected_state"]) == (None, None, "no_reference")
        assert "the reference lies on the other side of a break: 2025-07-01" in cell["expected_reason"]


def test_where_the_catalogue_insists_the_row_says_so(tmp_path: Path) -> None:
    mart = mart_of(tmp_path, expected={"reference": "ref", "across_breaks": True}, first_index_on="2024-01-01", last_index_on="2024-12-31")
    after = mart.cell("A", "2025-Q3")
    assert after["expected"] == pytest.approx(7.5)
    assert after["expected_reason"].startswith("the reference lies on the other side of a break: 2025-07-01")


def test_a_reference_from_after_the_act_says_nothing_of_cohorts_before_it(tmp_path: Path) -> None:
    mart = mart_of(tmp_path, expected={"reference": "ref"}, first_index_on="2025-07-01", last_index_on="2025-12-31", fitted_on="2026-01-31")
    before, after = mart.cell("A", "2025-Q2"), mart.cell("A", "2025-Q3")
    assert (before["expected_state"], after["expected_state"]) == ("no_reference", "final")


def test_a_pool_on_both_sides_says_so(tmp_path: Path) -> None:
    whole = mart_of(tmp_path, expected={}).cell("A", "all")
    assert whole["expected"] == pytest.approx(whole["observed"])
    assert "the pool lies on both sides of a break: 2025-07-01" in whole["expected_reason"]


def test_totals_that_a_source_reports_have_their_breaks_too(tmp_path: Path) -> None:
    store = StoreFile(tmp_path / "store.duckdb")
    for period in ("2025-03", "2025-09"):
        told = {"measure": "passed", "period": period, "numerator": 40, "denominator": 50}
        store.event("organisation.counts_reported", dt.date(2025, 12, 1), subject="A", unit="A", **told)
    described = catalogue(
        indicators=[{"id": "passed", "name": "Passed", "kind": "reported", "measure": "passed", "effect": {"unit": "x"}, "breaks": [BREAK]}]
    )
    build_mart(store.save(), described, tmp_path / "mart.duckdb", dt.date(2026, 3, 1))
    mart = Mart(tmp_path / "mart.duckdb")
    found = {cohort: mart.cell("A", cohort, "passed") for cohort in ("2025-Q1", "2025-Q3", "all")}
    assert [(cell["breaks"], cell["comparable_from"]) for cell in found.values()] == [(None, None), (None, ACT), ("2025-07-01", None)]
    assert "a break lies inside the cohort" in found["all"]["reason"]
