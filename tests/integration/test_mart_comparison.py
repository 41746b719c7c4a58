"""The table `comparison`: arms, groups, programmes and roll-outs, from events through the store; and what may not be shown."""

import datetime as dt
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.proportion import confint_proportions_2indep

from outcomes.incremental import incremental
from pipelines.mart import build_mart
from tests.factories_feed import Feed
from tests.factories_mart import Mart, StoreFile, catalogue, reached

D = dt.date
AS_OF = D(2026, 1, 1)
ARMS = {
    "id": "trial",
    "name": "Trial",
    "design": "parallel",
    "indicators": "job",
    "treated": {"known": {"arm": "new"}},
    "control": {"known": {"arm": "old"}},
}


def case(feed: Feed, number: int, on: dt.date, *, unit: str = "A", found: bool = False, income: int | None = None, **known: Any) -> None:
    """One citizen whose benefit ends, perhaps with a job after 30 days and an income a year later."""
    who = f"p:{number:08x}"
    more = {"attributes": known} if known else {}
    feed.event("employment.benefit_started", on - dt.timedelta(days=90), who, unit=unit, spell_id=f"s{number}", benefit="kontanthjaelp")
    feed.event("employment.benefit_ended", on, who, unit=unit, spell_id=f"s{number}", **more)
    if found:
        feed.event("employment.placement_started", on + dt.timedelta(days=30), who, unit=unit, placement_id=f"j{number}")
    if income is not None:
        feed.event("employment.income_registered", on + dt.timedelta(days=365), who, period=str(on.year + 1), amount_ore=income)


def trial(new: tuple[int, int], old: tuple[int, int]) -> Feed:
    """(with a job, in all) of each arm."""
    feed, number = Feed(), 0
    for arm, (found, size) in (("new", new), ("old", old)):
        for place in range(size):
            number += 1
            case(feed, number, D(2024, 2, 1), found=place < found, arm=arm)
    return feed


def built(feed: Feed, folder: Path, *comparisons: dict[str, Any], **parts: Any) -> Mart:
    task = {"comparisons": list(comparisons)}
    return feed.mart(folder, catalogue(**({"indicators": [reached()], "task": task} | parts)), AS_OF)


def test_two_arms_with_newcombes_limits(tmp_path: Path) -> None:
    row = built(trial((30, 40), (20, 40)), tmp_path, ARMS | {"randomised": True}).row("FROM comparison")
    assert (row["treated_counted"], row["treated_achieved"], row["control_counted"], row["control_achieved"]) == (40, 30, 40, 20)
    expected = confint_proportions_2indep(30, 40, 20, 40, compare="diff", method="newcomb")
    assert (row["difference"], row["difference_low"], row["difference_high"]) == pytest.approx((0.25, *expected), rel=1e-9)
    assert (row["method"], row["evidence_level"], row["state"], row["reason"]) == ("newcombe", "experimental", "final", None)


def test_without_lots_drawn_it_is_description(tmp_path: Path) -> None:
    rows = built(trial((30, 40), (20, 40)), tmp_path, ARMS | {"share": ["newcombe", "wald"]}).rows("FROM comparison ORDER BY method")
    assert [(row["method"], row["evidence_level"]) for row in rows] == [("newcombe", "descriptive"), ("wald", "descriptive")]


def test_an_arm_that_nobody_is_in_is_missing_and_not_nought(tmp_path: Path) -> None:
    row = built(trial((3, 6), (0, 0)), tmp_path, ARMS).row("FROM comparison")
    assert (row["difference"], row["state"], row["reason"]) == (None, "missing", "nobody counts on the control side")


@pytest.mark.parametrize(("new", "old"), [((3, 40), (20, 40)), ((38, 40), (20, 40)), ((20, 40), (20, 20)), ((2, 4), (20, 40))])
def test_a_side_or_an_outcome_of_fewer_than_k_hides_the_row(tmp_path: Path, new: tuple[int, int], old: tuple[int, int]) -> None:
    row = built(trial(new, old), tmp_path, ARMS, municipality={"k": 5}).row("FROM comparison")
    numbers = [value for name, value in row.items() if isinstance(value, int | float) and name not in ("indicator_version", "randomised")]
    assert (row["state"], numbers) == ("suppressed", [])


def test_cohorts_each_and_all(tmp_path: Path) -> None:
    feed, number = Feed(), 0
    for quarter, found in ((D(2024, 2, 1), 4), (D(2024, 5, 1), 2)):
        for arm in ("new", "old"):
            for place in range(6):
                number += 1
                case(feed, number, quarter, found=place < (found if arm == "new" else 2), arm=arm)
    rows = built(feed, tmp_path, ARMS | {"cohorts": "each"}).rows("FROM comparison ORDER BY cohort")
    assert [(row["cohort"], row["difference"]) for row in rows] == [
        ("2024-Q1", pytest.approx(2 / 6)), ("2024-Q2", 0.0), ("all", pytest.approx(2 / 12)),
    ]  # fmt: skip


def test_a_break_between_the_index_days_is_named(tmp_path: Path) -> None:
    feed = trial((3, 6), (2, 6))
    case(feed, 90, D(2024, 8, 1), arm="new")
    broken = reached(breaks=[{"on": "2024-07-01", "why": "New law"}])
    row = built(feed, tmp_path, ARMS, indicators=[broken]).row("FROM comparison")
    assert row["breaks"] == "2024-07-01"
    assert "2024-07-01 (New law)" in row["reason"]


def test_what_is_not_mature_yet_does_not_count_and_is_said(tmp_path: Path) -> None:
    feed = trial((3, 6), (2, 6))
    case(feed, 90, D(2025, 8, 1), found=True, arm="new")
    row = built(feed, tmp_path, ARMS).row("FROM comparison")
    assert (row["treated_records"], row["treated_pending"], row["treated_counted"], row["treated_achieved"]) == (7, 1, 6, 3)
    assert (row["state"], row["reason"]) == ("immature", "part of the records are not mature yet")


def test_the_arm_is_what_was_known_at_the_index(tmp_path: Path) -> None:
    feed = trial((3, 6), (2, 6))
    feed.event("person.condition_recorded", D(2024, 6, 1), f"p:{1:08x}", attributes={"arm": "old"})  # told later: changes nothing
    feed.event("employment.benefit_ended", D(2024, 3, 1), "p:000000ff", unit="A", spell_id="x")
    feed.event("employment.benefit_started", D(2024, 1, 1), "p:000000ff", unit="A", spell_id="x", benefit="dagpenge")
    feed.event("person.condition_recorded", D(2024, 2, 20), "p:000000ff", attributes={"arm": "new"})
    row = built(feed, tmp_path, ARMS).row("FROM comparison")
    assert (row["treated_counted"], row["control_counted"]) == (7, 6)


def test_means_by_each_named_method(tmp_path: Path) -> None:
    feed, drawn = Feed(), np.random.default_rng(1)
    incomes = {"new": drawn.integers(0, 3_000_000, 15), "old": drawn.integers(0, 2_000_000, 25)}
    for number, (arm, income) in enumerate((arm, int(income)) for arm, values in incomes.items() for income in values):
        case(feed, number, D(2024, 2, 1), income=income, arm=arm, age=20 + number)
    case(feed, 90, D(2024, 2, 1), arm="new", age=30)  # no income registered: unmeasured, never nought
    value = {"event": "employment.income_registered", "field": "amount_ore", "window": {"from": "P6M", "to": "P13M"}}
    asked = ARMS | {"share": [], "mean": ["welch", "pooled", "hc1", "ols"], "value": value, "covariates": [{"attribute": "age"}]}
    rows = {row["method"]: row for row in built(feed, tmp_path, asked).rows("FROM comparison")}
    assert (rows["welch"]["treated_records"], rows["welch"]["treated_counted"]) == (16, 15)
    for method, equal in (("welch", False), ("pooled", True)):
        interval = stats.ttest_ind(incomes["new"], incomes["old"], equal_var=equal).confidence_interval()
        assert (rows[method]["difference_low"], rows[method]["difference_high"]) == pytest.approx((interval.low, interval.high), rel=1e-9)
    assert [rows[method]["evidence_level"] for method in ("hc1", "ols")] == ["descriptive", "standardised"]


def test_the_records_own_change_is_compared_where_no_value_is_named(tmp_path: Path) -> None:
    store = StoreFile(tmp_path / "store.duckdb")
    for number, (baseline, change) in enumerate([(70, 5), (60, 15), (50, 10), (40, 12)]):
        store.effect("achieved", D(2024, 1, 5), 100)
        store.connection.execute("UPDATE effect SET baseline = ?, value = ? WHERE index_key = ?", [baseline, change, number + 1])
        store.event(
            "person.condition_recorded",
            D(2024, 1, 5),
            subject=f"p:{number + 1:08x}",
            attributes={"arm": "no" if number > 1 else "yes"},
        )
    sides = {"treated": {"known": {"arm": "yes"}}, "control": {"known": {"arm": "no"}}}
    arms = {"id": "arms", "name": "Arms", "design": "parallel", "indicators": "job", "share": [], "mean": "welch"} | sides
    alone = {"id": "alone", "name": "Alone", "design": "before_after", "indicators": "job"}
    build_mart(store.save(), catalogue(task={"comparisons": [arms, alone]}), tmp_path / "mart.duckdb", AS_OF)
    rows = Mart(tmp_path / "mart.duckdb").rows("FROM comparison ORDER BY comparison_id")
    assert [(row["treated_estimate"], row["control_estimate"], row["difference"]) for row in rows] == [(65.5, 55, 10.5), (10, 11, -1)]


def test_units_side_by_side_with_booked_cost(tmp_path: Path) -> None:
    feed, number = Feed(), 0
    for unit, found, kroner in (("A1", 30, 80_000), ("B", 20, 40_000)):
        for place in range(40):
            number += 1
            case(feed, number, D(2024, 2, 1), unit=unit, found=place < found)
        feed.ledger(D(2024, 2, 15), unit, kroner)
    units = [
        {"id": name, "name": name, "level": "department", "parent": parent} for name, parent in (("A", None), ("A1", "A"), ("B", None))
    ]
    asked = {
        "id": "ab",
        "name": "A and B",
        "design": "parallel",
        "indicators": "job",
        "treated": {"units": ["A"]},
        "control": {"units": ["B"]},
    }
    parts = {"units": units, "costs": {"rules": [{"to": "work"}]}}
    row = built(feed, tmp_path, asked | {"cost": {"treated": "ledger", "control": "ledger"}}, **parts).row("FROM comparison")
    # 2000 kroner a citizen at A, 1000 at B: 1000 more for 0.25 more jobs is 4000 kroner a job, 250 jobs a million.
    assert (row["treated_cost_ore"], row["control_cost_ore"], row["extra_cost_ore"]) == (200_000, 100_000, 100_000)
    assert (row["quadrant"], row["kroner_per_extra_effect"], row["extra_effects_per_million"]) == (
        "more_effect_more_cost",
        4000,
        pytest.approx(250),
    )
    assert (row["kpe_low"], row["kpe_high"]) == pytest.approx((1000 / row["difference_high"], 1000 / row["difference_low"]))
    assert (row["kpe_set"], row["cost_state"]) == ("bounded", "final")


def test_a_side_without_booked_cost_has_no_ratio(tmp_path: Path) -> None:
    asked = {"id": "ab", "name": "A or not", "design": "parallel", "indicators": "job", "treated": {"known": {"arm": "new"}}}
    row = built(trial((30, 40), (20, 40)), tmp_path, asked | {"cost": {"treated": "ledger"}}).row("FROM comparison")
    assert (row["cost_state"], row["kroner_per_extra_effect"], row["control"]) == ("missing", None, "everybody else")


@pytest.mark.parametrize(
    ("new", "old", "cost", "quadrant"),
    [
        ((30, 40), (20, 40), (1000, 0), "more_effect_more_cost"),
        ((30, 40), (20, 40), (0, 1000), "dominant"),
        ((10, 40), (20, 40), (1000, 0), "dominated"),
        ((10, 40), (20, 40), (0, 1000), "less_effect_less_cost"),
    ],
)
def test_only_more_effect_for_more_money_has_a_price(
    tmp_path: Path, new: tuple[int, int], old: tuple[int, int], cost: tuple[int, int], quadrant: str
) -> None:
    asked = ARMS | {"cost": {"treated": cost[0], "control": cost[1], "source": "Stated"}}
    row = built(trial(new, old), tmp_path, asked).row("FROM comparison")
    assert row["quadrant"] == quadrant
    assert (row["kroner_per_extra_effect"] is None) == (quadrant != "more_effect_more_cost")
    assert row["cost_reason"] is None or "no price" in row["cost_reason"]


def test_where_the_limits_allow_no_effect_the_price_is_not_bounded(tmp_path: Path) -> None:
    row = built(trial((22, 40), (20, 40)), tmp_path, ARMS | {"cost": {"treated": 1000}}).row("FROM comparison")
    assert (row["cost_state"], row["kpe_set"], row["kpe_high"]) == ("not_bounded", "complement", None)
    assert row["extra_low"] < 0 < row["extra_high"]


def test_fieller_where_the_cost_is_uncertain_too() -> None:
    # 48,000 kroner (se 1500) for 0.30 effects (se 0.05), independent; and 6,000 (2,500) for 0.04 (0.03): the complement of an interval.
    found = incremental(0.30, 0.2, 0.4, 4_800_000, effect_error=0.05, cost_error_ore=150_000)
    assert (found.shape, found.kroner_per_effect) == ("bounded", pytest.approx(160_000))
    assert incremental(0.04, -0.02, 0.1, 600_000, effect_error=0.03, cost_error_ore=250_000).shape == "complement"


def rollout(feed: Feed, jobs: Iterable[tuple[str, int, float]], size: int = 20) -> Feed:
    """(unit, quarter number, share with a job): so many cases of each quarter of 2023 and 2024."""
    for number, (unit, quarter, share) in enumerate(jobs):
        on = D(2023 + quarter // 4, 3 * (quarter % 4) + 2, 1)
        for place in range(size):
            case(feed, 1000 * (number + 1) + place, on, unit=unit, found=place < share * size)
    return feed


CHANGE = {"id": "step", "name": "Stepped", "design": "roll_out", "indicators": "job", "change": "new_way"}


def stepped() -> Feed:
    """Four units rise by 0.05 a quarter; the change adds 0.2 from its quarter on. It comes to A in Q2, to B in Q3 of 2023, to C in 2024."""
    feed = Feed()
    change_in = {"A": 1, "B": 2, "C": 4, "D": 99}
    start = {"A": 0.1, "B": 0.3, "C": 0.2, "D": 0.4}
    for unit, quarter in change_in.items():
        if quarter < 99:
            feed.event(
                "organisation.change_introduced",
                D(2023 + quarter // 4, 3 * (quarter % 4) + 1, 1),
                unit,
                unit=unit,
                change_id="new_way",
                name="New",
            )
    return rollout(feed, [(unit, q, round(start[unit] + 0.05 * q + 0.2 * (q >= change_in[unit]), 2)) for unit in start for q in range(6)])


def test_a_stepped_roll_out_finds_what_the_change_added(tmp_path: Path) -> None:
    rows = built(stepped(), tmp_path, CHANGE | {"share": ["stacked", "two_way"]}).rows("FROM comparison ORDER BY method")
    for row in rows:
        assert row["difference"] == pytest.approx(0.2, abs=1e-9)
        assert (row["evidence_level"], row["treated_units"], row["cohort"]) == ("controlled", 3, "all")
        assert (row["treated_estimate"], row["treated_achieved"]) == (None, None)
    assert [row["method"] for row in rows] == ["stacked", "two_way"]
    assert "limits rest on 4 units" in rows[0]["reason"]


def test_before_and_after_the_same_change_says_more_than_the_change_did(tmp_path: Path) -> None:
    row = built(stepped(), tmp_path, CHANGE | {"design": "before_after"}).row("FROM comparison")
    assert row["difference"] > 0.28  # what rose anyway is in it
    assert row["evidence_level"] == "descriptive"
    assert "with nobody beside" in row["reason"]


def test_a_change_of_the_unit_above_is_that_of_the_units_below(tmp_path: Path) -> None:
    feed = Feed()
    feed.event("organisation.change_introduced", D(2023, 7, 1), "A", unit="A", change_id="new_way", name="New")
    rollout(feed, [("A1", 0, 0.2), ("A1", 2, 0.5), ("B", 0, 0.2), ("B", 2, 0.3)])
    units = [
        {"id": name, "name": name, "level": "department", "parent": parent} for name, parent in (("A", None), ("A1", "A"), ("B", None))
    ]
    row = built(feed, tmp_path, CHANGE, units=units).row("FROM comparison")
    assert row["difference"] == pytest.approx(0.2)
    assert (row["difference_low"], row["treated_units"], row["control_units"]) == (None, 1, 2)


def test_without_a_unit_that_had_not_changed_nothing_can_be_said(tmp_path: Path) -> None:
    feed = Feed()
    for unit in ("A", "B"):
        feed.event("organisation.change_introduced", D(2023, 4, 1), unit, unit=unit, change_id="new_way", name="New")
    rollout(feed, [("A", 0, 0.2), ("A", 1, 0.5), ("B", 0, 0.2), ("B", 1, 0.3)])
    row = built(feed, tmp_path, CHANGE).row("FROM comparison")
    assert (row["state"], row["difference"]) == ("missing", None)


def test_programme_takers_settled_later_are_said_to_be(tmp_path: Path) -> None:
    feed = trial((0, 0), (20, 40))
    for number in range(100, 110):
        case(feed, number, D(2024, 2, 1), found=number % 2 == 0)
        feed.event(
            "employment.programme_started", D(2024, 2, 10), f"p:{number:08x}", unit="A", programme_id=f"t{number}", programme="mentor"
        )
    side = {"with_event": {"event": "employment.programme_started", "where": {"programme": "mentor"}}, "window": {"to": "P30D"}}
    row = built(feed, tmp_path, {"id": "m", "name": "Mentor", "design": "parallel", "indicators": "job", "treated": side}).row(
        "FROM comparison"
    )
    assert (row["treated_counted"], row["control_counted"], row["treated_achieved"]) == (10, 40, 5)
    assert "settled after the index" in row["reason"]


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["new", "old", None]), st.sampled_from(["achieved", "not_achieved", "competing", "censored", "unmeasured"])
        ),
        max_size=40,
    )
)
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_the_arms_hold_counts_add_up_and_limits_surround(
    tmp_path_factory: pytest.TempPathFactory, cases: list[tuple[str | None, str]]
) -> None:
    folder = tmp_path_factory.mktemp("arms")
    store = StoreFile(folder / "store.duckdb")
    for arm, outcome in cases:
        store.effect(outcome, D(2024, 1, 5), 100)
        if arm:
            store.event("person.condition_recorded", D(2024, 1, 5), subject=f"p:{store.effects:08x}", attributes={"arm": arm})
    build_mart(store.save(), catalogue(task={"comparisons": [ARMS]}), folder / "mart.duckdb", AS_OF)
    row = Mart(folder / "mart.duckdb").row("FROM comparison")
    for side, arm in (("treated", "new"), ("control", "old")):
        outcomes = [outcome for one, outcome in cases if one == arm]
        counted = [outcome for outcome in outcomes if outcome in ("achieved", "not_achieved", "competing")]
        assert (row[f"{side}_records"], row[f"{side}_counted"], row[f"{side}_achieved"]) == (
            len(outcomes),
            len(counted),
            counted.count("achieved"),
        )
    if row["difference"] is None:
        assert row["state"] == "missing"
    else:
        assert row["difference_low"] <= row["difference"] <= row["difference_high"]
