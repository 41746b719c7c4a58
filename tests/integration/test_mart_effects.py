"""From effect records to effect_by_unit and effect_curve: counting, maturity, estimates, units and their ancestors."""

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from pipelines.mart import build_mart
from tests.factories_mart import Mart, StoreFile, catalogue, reached, sustained

D = dt.date
COHORT = [(2, "achieved"), (3, "censored"), (4, "competing"), (5, "achieved"), (6, "censored"), (8, "achieved"), (9, "competing")]
COHORT += [(12, "not_achieved")] * 3


@pytest.fixture
def store(tmp_path: Path) -> StoreFile:
    return StoreFile(tmp_path / "store.duckdb")


def built(store: StoreFile, as_of: dt.date, **parts: Any) -> Mart:
    target = store.path.parent / "mart.duckdb"
    build_mart(store.save(), catalogue(**parts), target, as_of)
    return Mart(target)


def test_the_matured_share_leaves_out_early_successes_of_the_immature(store: StoreFile) -> None:
    # 40 spells: 30 mature with 18 effects, 10 too recent of whom 3 have theirs already. The share is 18/30, (0.4232, 0.7541).
    for number in range(30):
        store.effect("achieved" if number < 18 else "not_achieved", D(2023, 1, 2), 100 if number < 18 else 365)
    for number in range(10):
        store.effect("achieved" if number < 3 else "not_achieved", D(2023, 3, 1), 20 if number < 3 else 365)
    cell = built(store, D(2024, 1, 31)).cell()
    assert (cell["cohort_size"], cell["pending"], cell["matured"], cell["achieved"], cell["denominator"]) == (40, 10, 30, 18, 30)
    assert (cell["share"], cell["share_low"], cell["share_high"]) == pytest.approx((0.6, 0.4232036025, 0.7540937188), rel=1e-8)
    assert (cell["state"], cell["reason"]) == ("immature", "part of the cohort is not mature yet")


def test_reporting_lag_postpones_maturity_to_the_day(store: StoreFile) -> None:
    store.effect("achieved", D(2023, 1, 1), 10, resolves=30)
    parts = {"indicators": [reached(reporting_lag="P14D")]}
    before, after = D(2023, 2, 13), D(2023, 2, 14)  # 1 January + 30 + 14 days
    store.save()
    for as_of, pending in ((before, 1), (after, 0)):
        target = store.path.parent / f"{as_of}.duckdb"
        build_mart(store.path, catalogue(**parts), target, as_of)
        assert Mart(target).cell()["pending"] == pending


def test_outcomes_of_the_matured_add_up_and_the_unseen_are_outside_the_denominator(store: StoreFile) -> None:
    for outcome, count in (("achieved", 4), ("not_achieved", 3), ("competing", 2), ("censored", 5), ("unmeasured", 1)):
        for _ in range(count):
            store.effect(outcome, D(2022, 1, 1), 200)
    cell = built(store, D(2024, 1, 1)).cell()
    assert [cell[name] for name in ("matured", "achieved", "not_achieved", "competing", "censored", "unmeasured", "denominator")] == [
        15, 4, 3, 2, 5, 1, 9,
    ]  # fmt: skip
    assert cell["state"] == "final"


def test_competing_events_call_for_aalen_johansen(store: StoreFile) -> None:
    # The cohort worked by hand: F(12) = 0.3475 (0.077731, 0.645740), in play 0.405; 3 of 8 in sight to the end.
    for days, outcome in COHORT:
        store.effect(outcome, D(2023, 1, 1), days, resolves=12)
    mart = built(store, D(2024, 1, 1), indicators=[reached(horizon="P12D", competing=["person.died"])])
    cell = mart.cell()
    assert cell["estimate_method"] == "aalen_johansen"
    assert (cell["estimate"], cell["estimate_low"], cell["estimate_high"]) == pytest.approx((0.3475, 0.0777314407, 0.6457401817), rel=1e-8)
    assert cell["share"] == pytest.approx(3 / 8)
    curve = mart.rows(
        "SELECT time, at_risk, competing, censored, survival, incidence FROM effect_curve"
        " WHERE unit_id = 'A' AND cohort = 'all' ORDER BY time"
    )
    assert [row["time"] for row in curve] == list(range(13))
    assert [row["at_risk"] for row in curve] == [10, 10, 10, 9, 8, 7, 6, 5, 5, 4, 3, 3, 3]
    assert curve[6]["incidence"] == pytest.approx(0.2125)
    assert curve[12]["survival"] == pytest.approx(0.405)
    assert (curve[12]["censored"], curve[4]["competing"]) == (3, 1)


def test_without_competing_events_kaplan_meier_is_enough(store: StoreFile) -> None:
    for days, outcome in COHORT:
        store.effect("censored" if outcome == "competing" else outcome, D(2023, 1, 1), days, resolves=12)
    cell = built(store, D(2024, 1, 1)).cell()
    assert cell["estimate_method"] == "kaplan_meier"
    assert (cell["estimate"], cell["estimate_low"], cell["estimate_high"]) == pytest.approx(
        (0.3828571429, 1 - 0.8625936482, 1 - 0.2067942288), rel=1e-7
    )


def test_failing_before_the_horizon_is_an_end_of_its_own_for_a_sustained_effect(store: StoreFile) -> None:
    for days, outcome in ((30, "not_achieved"), (60, "achieved"), (60, "achieved"), (45, "censored")):
        store.effect(outcome, D(2023, 1, 1), days, indicator="kept", resolves=90)
    cell = built(store, D(2024, 1, 1), indicators=[sustained()]).cell(indicator="kept")
    # 4 at risk, one fails at 30; one lost at 45; two of two achieve at 60: F = 3/4.
    assert (cell["estimate_method"], cell["estimate"]) == ("aalen_johansen", pytest.approx(0.75))


def test_everybody_is_followed_to_as_of_less_the_lag_and_no_further(store: StoreFile) -> None:
    store.effect("achieved", D(2023, 1, 1), 40)
    store.effect("achieved", D(2023, 1, 1), 50)
    curve = built(store, D(2023, 2, 20), indicators=[reached(reporting_lag="P10D")]).rows(
        "SELECT time, events, censored FROM effect_curve WHERE unit_id = '(all)' AND cohort = 'all' AND events + censored > 0"
    )
    # Followed to 10 February, 40 days: the effect of day 50 has happened, but its source is not taken to be complete.
    assert curve == [{"time": 40, "events": 1, "censored": 1}]


def test_no_estimate_before_anybody_is_followed_to_the_horizon(store: StoreFile) -> None:
    for days in (40, 300, 365):
        store.effect("achieved", D(2023, 1, 1), days)
    cell = built(store, D(2023, 4, 1)).cell()
    assert cell["estimate"] is None
    assert "no estimate" in cell["reason"]


def test_index_events_after_the_day_asked_for_are_not_there_yet(store: StoreFile) -> None:
    store.effect("achieved", D(2023, 1, 1), 10)
    store.effect("achieved", D(2023, 6, 1), 10)
    assert built(store, D(2023, 3, 1)).cell()["cohort_size"] == 1


def test_months_are_completed_calendar_months(store: StoreFile) -> None:
    # 31 January to 28 February is one month (the month's last day), to 27 February none.
    store.effect("achieved", D(2023, 1, 31), 28, resolves=90)
    store.effect("achieved", D(2023, 1, 31), 27, resolves=90)
    times = built(store, D(2024, 1, 1), indicators=[reached(time_unit="month", horizon="P3M")]).rows(
        "SELECT time, events FROM effect_curve WHERE unit_id = 'A' AND cohort = 'all' AND events > 0 ORDER BY time"
    )
    assert times == [{"time": 0, "events": 1}, {"time": 1, "events": 1}]


def test_only_the_newest_version_counts_and_a_withdrawn_record_not_at_all(store: StoreFile) -> None:
    store.effect("achieved", D(2023, 1, 1), 10, key=1, version=1)
    store.effect("not_achieved", D(2023, 1, 1), 365, key=1, version=2)
    store.effect("achieved", D(2023, 1, 1), 10, key=2, version=1)
    store.effect("withdrawn", D(2023, 1, 1), 10, key=2, version=2)
    cell = built(store, D(2025, 1, 1)).cell()
    assert (cell["cohort_size"], cell["achieved"], cell["not_achieved"]) == (1, 0, 1)


def test_parents_count_persons_of_the_day_and_a_move_is_history(store: StoreFile) -> None:
    units = [
        {"id": "A", "name": "A", "level": "department", "parent": "north"},
        {"id": "north", "name": "North", "level": "administration", "parent": "top"},
        {"id": "south", "name": "South", "level": "administration", "parent": "top"},
        {"id": "top", "name": "Top", "level": "municipality"},
    ]
    store.event("organisation.unit_moved", D(2023, 3, 1), subject="A", unit="A", parent="south")
    for month in (1, 2, 3):
        store.effect("achieved", D(2023, month, 1), 10)
    store.effect("achieved", D(2023, 3, 1), 10, unit=None)
    mart = built(store, D(2025, 1, 1), units=units)
    sizes = {unit: mart.cell(unit)["cohort_size"] for unit in ("A", "north", "south", "top", "(unmatched)", "(all)")}
    assert sizes == {"A": 3, "north": 2, "south": 1, "top": 3, "(unmatched)": 1, "(all)": 4}
    versions = mart.rows("SELECT parent_id, path, valid_from, valid_to FROM dim_unit WHERE unit_id = 'A' ORDER BY valid_from NULLS FIRST")
    assert versions == [
        {"parent_id": "north", "path": "top/north/A", "valid_from": None, "valid_to": D(2023, 3, 1)},
        {"parent_id": "south", "path": "top/south/A", "valid_from": D(2023, 3, 1), "valid_to": None},
    ]


def test_a_merged_unit_keeps_its_history_and_names_its_heir(store: StoreFile) -> None:
    for unit in ("A", "B"):
        store.event("organisation.unit_opened", D(2020, 1, 1), subject=unit, unit=unit, name=f"School {unit}", level="institution")
    store.event("organisation.unit_merged", D(2023, 8, 1), subject="A", unit="A", into="B")
    store.effect("achieved", D(2023, 1, 1), 10)
    mart = built(store, D(2025, 1, 1))
    assert mart.row("SELECT name, level, valid_to, merged_into FROM dim_unit WHERE unit_id = 'A'") == {
        "name": "School A", "level": "institution", "valid_to": D(2023, 8, 1), "merged_into": "B",
    }  # fmt: skip
    assert mart.cell("A")["cohort_size"] == 1


def test_a_unit_that_nobody_declared_gets_its_rows_and_is_counted(store: StoreFile) -> None:
    store.effect("achieved", D(2023, 1, 1), 10, unit="ghost")
    mart = built(store, D(2025, 1, 1))
    assert mart.row("SELECT name, parent_id, declared FROM dim_unit WHERE unit_id = 'ghost'") == {
        "name": "ghost",
        "parent_id": None,
        "declared": False,
    }
    assert mart.row("SELECT n FROM data_quality WHERE \"check\" = 'undeclared_unit'")["n"] == 1


def test_a_circle_of_parents_ends_where_it_closes(store: StoreFile) -> None:
    units = [{"id": a, "name": a, "level": "department", "parent": b} for a, b in (("A", "B"), ("B", "A"))]
    store.effect("achieved", D(2023, 1, 1), 10)
    mart = built(store, D(2025, 1, 1), units=units)
    assert mart.cell("B")["cohort_size"] == mart.cell("A")["cohort_size"] == 1


@pytest.mark.parametrize(
    ("grid", "cohort", "start", "end"),
    [
        ("month", "2024-02", D(2024, 2, 1), D(2024, 2, 29)),
        ("quarter", "2024-Q1", D(2024, 1, 1), D(2024, 3, 31)),
        ("half_year", "2024-H1", D(2024, 1, 1), D(2024, 6, 30)),
        ("year", "2024", D(2024, 1, 1), D(2024, 12, 31)),
    ],
)
def test_cohorts_follow_the_municipality_s_grid(store: StoreFile, grid: str, cohort: str, start: dt.date, end: dt.date) -> None:
    store.effect("achieved", D(2024, 2, 29), 1)
    mart = built(store, D(2026, 1, 1), municipality={"period": grid})
    cell = mart.cell("A", cohort)
    assert (cell["cohort_start"], cell["cohort_end"], cell["cohort_size"]) == (start, end, 1)
    assert {row["cohort"] for row in mart.rows("SELECT cohort FROM effect_by_unit")} == {cohort, "all"}


def test_with_one_grid_for_everything_there_is_one_cohort(store: StoreFile) -> None:
    store.effect("achieved", D(2024, 2, 29), 1)
    mart = built(store, D(2026, 1, 1), municipality={"period": "all"})
    assert mart.rows("SELECT unit_id, cohort, cohort_start FROM effect_by_unit ORDER BY 1") == [
        {"unit_id": unit, "cohort": "all", "cohort_start": None} for unit in ("(all)", "A")
    ]


def test_an_indicator_without_figures_says_so(store: StoreFile) -> None:
    change = {
        "id": "better", "name": "Better", "kind": "change", "index": "rehabilitation.course_started", "measure": "barthel",
        "baseline": {"from": "P0D", "to": "P7D"}, "follow_up": {"from": "P80D", "to": "P100D"}, "better": "higher", "effect": {"unit": "x"},
    }  # fmt: skip
    reported = {"id": "told", "name": "Told", "kind": "reported", "measure": "passed", "effect": {"unit": "x"}}
    mart = built(store, D(2025, 1, 1), indicators=[reached(), change, reported])
    for indicator, reason in (("job", "no index event"), ("better", "no index event"), ("told", "no totals reported")):
        empty = mart.cell(indicator=indicator)
        assert (empty["state"], empty["cohort_size"], empty["share"]) == ("missing", 0, None)
        assert reason in empty["reason"]


def test_another_build_of_the_same_store_is_the_same_mart(store: StoreFile) -> None:
    for number, (days, outcome) in enumerate(COHORT * 3):
        store.effect(outcome, D(2023, 1 + number % 12, 1), days, unit="AB"[number % 2], resolves=12)
    path, marts = store.save(), []
    for name in ("one", "two"):
        build_mart(path, catalogue(), path.parent / f"{name}.duckdb", D(2024, 6, 1))
        marts.append(Mart(path.parent / f"{name}.duckdb"))
    for table in ("effect_by_unit", "effect_curve", "dim_unit", "data_quality"):
        query = f'FROM "{table}" ORDER BY ALL'
        assert marts[0].rows(query) == marts[1].rows(query)
