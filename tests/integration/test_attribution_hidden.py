"""Attributed effects tell of the persons behind them: few shared cases, and sums that would give them away, stay hidden."""

import datetime as dt
from pathlib import Path

from pipelines.claims_hidden import Claim, close_sums
from pipelines.mart import build_mart
from tests.factories_mart import Mart, StoreFile, catalogue

D = dt.date


def claim(unit: str, weight: int, hidden: bool = False) -> Claim:
    return Claim(0, "equal", unit, "all", None, hidden, weight)


def test_one_hidden_term_of_a_sum_takes_the_next_smallest_with_it() -> None:
    total, large, middle, small = claim("(all)", 24), claim("A", 12), claim("B", 9), claim("C", 3, hidden=True)
    close_sums([[total, large, middle, small]], 5)
    assert [item.hidden for item in (total, large, middle, small)] == [False, False, True, True]


def test_several_hidden_terms_of_too_few_persons_together_take_another_one() -> None:
    terms = [claim("(all)", 24), claim("A", 12), claim("B", 9), claim("C", 2, hidden=True), claim("D", 1, hidden=True)]
    close_sums([terms], 5)
    assert [item.unit_id for item in terms if item.hidden] == ["B", "C", "D"]


def test_what_one_sum_hides_is_looked_after_in_the_others() -> None:
    small, beside, total, year, quarter = claim("C", 3, True), claim("B", 9), claim("(all)", 50), claim("B", 30), claim("B", 21)
    close_sums([[year, beside, quarter], [total, small, beside, claim("A", 38)]], 5)
    assert (beside.hidden, quarter.hidden, year.hidden, total.hidden) == (True, True, False, False)


def test_a_unit_that_helped_with_two_cases_shows_no_shares_and_its_lead_figures_stay(tmp_path: Path) -> None:
    # B helped with two of A's cases. Equal less lead would be the effects of two citizens, for A and for B alike.
    store = StoreFile(tmp_path / "store.duckdb")
    for unit in "ABC":
        for number in range(20):
            helped = {"B": 30.0} if unit == "A" and number in (0, 19) else None
            store.effect("achieved" if number < 10 else "not_achieved", D(2024, 2, 1), 30, unit=unit, resolves=90, contributors=helped)
    build_mart(store.save(), catalogue(municipality={"k": 5}), tmp_path / "mart.duckdb", D(2025, 1, 1))
    mart = Mart(tmp_path / "mart.duckdb")
    rows = mart.rows("SELECT * FROM attribution_by_unit WHERE cohort = '2024-Q1' AND attribution IN ('lead', 'equal')")
    found = {(row["attribution"], row["unit_id"]): (row["state"], row["attributed_effects"], row["cases"]) for row in rows}
    assert {unit: found["lead", unit] for unit in "ABC"} == dict.fromkeys("ABC", ("final", 10.0, 20))
    assert found["equal", "A"] == found["equal", "B"] == ("suppressed", None, None)
    assert found["equal", "(all)"] == ("final", 30.0, 60)
    krone = mart.rows("SELECT state, attributed_effects FROM effect_per_krone WHERE unit_id = 'B' AND attribution = 'equal'")
    assert {row["attributed_effects"] for row in krone} == {None}
