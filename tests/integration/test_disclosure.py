"""Nothing that rests on fewer than k persons is published, in any table."""

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipelines import complement, exchanges
from pipelines import mart as mart_module
from pipelines.disclosure import is_small
from pipelines.gate import broken_invariants
from pipelines.gate_process import check
from pipelines.mart import build_mart
from tests.factories_mart import Mart, StoreFile, catalogue

D = dt.date
K5 = {"municipality": {"k": 5}}
LATE = D(2026, 1, 1)
JANUARY = D(2024, 1, 10)


@pytest.fixture
def store(tmp_path: Path) -> StoreFile:
    return StoreFile(tmp_path / "store.duckdb")


def built(store: StoreFile, as_of: dt.date = LATE, **parts: Any) -> Mart:
    target = store.path.parent / "mart.duckdb"
    build_mart(store.save(), catalogue(**(K5 | parts)), target, as_of)
    return Mart(target)


def cohort(store: StoreFile, *, unit: str = "A", on: dt.date = JANUARY, subject: str | None = None, **outcomes: int) -> None:
    for outcome, count in outcomes.items():
        for _ in range(count):
            store.effect(outcome, on, 100, unit=unit, subject=subject)


@pytest.mark.parametrize(("count", "hidden"), [(0, False), (1, True), (4, True), (5, False)])
def test_counts_from_one_to_k_less_one_are_small(count: int, hidden: bool) -> None:
    assert is_small(count, 5) is hidden
    assert is_small(count, 1) is False


def test_a_small_cohort_shows_nothing(store: StoreFile) -> None:
    cohort(store, achieved=2, not_achieved=2)
    cell = built(store).cell("A", "2024-Q1")
    assert (cell["state"], cell["reason"]) == ("suppressed", "fewer than 5 persons in the cohort, or in another that would follow from it")
    assert not [
        name for name in ("cohort_size", "pending", "matured", "achieved", "share", "share_low", "estimate") if cell[name] is not None
    ]


@pytest.mark.parametrize(
    "outcomes",
    [
        {"achieved": 4, "not_achieved": 10},  # few effects
        {"achieved": 10, "not_achieved": 4},  # few without
        {"achieved": 10, "not_achieved": 2, "competing": 2},  # few without, in two kinds
        {"achieved": 10},  # everybody: as telling as a small cell
        {"competing": 10},
    ],
)
def test_effects_are_hidden_where_an_outcome_tells_of_few_or_of_everybody(store: StoreFile, outcomes: dict[str, int]) -> None:
    cohort(store, **outcomes)
    mart = built(store)
    cell = mart.cell("A", "2024-Q1")
    assert (cell["state"], cell["cohort_size"]) == ("suppressed", sum(outcomes.values()))
    assert not [
        name for name in ("matured", "achieved", "not_achieved", "competing", "denominator", "share", "estimate") if cell[name] is not None
    ]
    assert mart.row("SELECT time, at_risk, incidence, state FROM effect_curve WHERE unit_id = 'A' AND cohort = '2024-Q1'") == {
        "time": 0, "at_risk": None, "incidence": None, "state": "suppressed",
    }  # fmt: skip


def test_nobody_helped_is_a_figure_that_must_be_seen(store: StoreFile) -> None:
    cohort(store, not_achieved=7)
    cell = built(store).cell("A", "2024-Q1")
    assert (cell["state"], cell["achieved"], cell["share"]) == ("final", 0, 0.0)
    assert cell["share_high"] == pytest.approx(0.3543304351, rel=1e-8)


def test_a_small_part_hides_with_its_twin_so_that_no_difference_gives_it_away(store: StoreFile) -> None:
    cohort(store, achieved=10, not_achieved=9, competing=2, censored=3, unmeasured=6)
    cell = built(store).cell("A", "2024-Q1")
    assert (cell["state"], cell["achieved"], cell["denominator"], cell["cohort_size"]) == ("final", 10, 21, 30)
    assert [cell[name] for name in ("not_achieved", "competing", "pending", "matured", "censored", "unmeasured")] == [None] * 6
    assert cell["hidden"].split(",") == ["pending", "matured", "censored", "unmeasured", "not_achieved", "competing", "estimate"]


def test_the_cohort_size_hides_where_it_would_tell_of_few_who_were_lost(store: StoreFile) -> None:
    cohort(store, achieved=10, not_achieved=10, censored=2)
    cell = built(store).cell("A", "2024-Q1")
    assert (cell["cohort_size"], cell["denominator"], cell["share"]) == (None, 20, 0.5)


def test_persons_are_counted_not_records(store: StoreFile) -> None:
    for number in range(10):
        cohort(store, subject=f"p:{number % 3:08x}", achieved=1)
    cohort(store, not_achieved=10)
    cell = built(store).cell("A", "2024-Q1")
    assert (cell["cohort_size"], cell["state"], cell["achieved"]) == (20, "suppressed", None)  # ten effects, three persons


CURVE = "SELECT time, at_risk, events, state, reason FROM effect_curve WHERE unit_id = 'A' AND cohort = '2024-Q1' ORDER BY time"


def test_a_curve_tells_of_at_least_k_between_two_times(store: StoreFile) -> None:
    for days in range(5, 15):
        store.effect("achieved", D(2024, 1, 10), days, resolves=40)
    for _ in range(8):
        store.effect("not_achieved", D(2024, 1, 10), 40, resolves=40)
    told = [(row["time"], row["at_risk"], row["events"]) for row in built(store).rows(CURVE)]
    assert told[:6] == [*((time, 18, 0) for time in range(5)), (9, 18, 5)], "one a day from the fifth: at the ninth they are five"
    assert told[6] == (14, 13, 5)
    assert told[7][1:] == (8, 0)


def test_a_curve_ends_where_what_follows_would_tell_of_few(store: StoreFile) -> None:
    for days in (5, 6, 7, 8, 9, 10):
        store.effect("achieved", D(2024, 1, 10), days, resolves=40)
    for outcome, days in [("not_achieved", 8)] * 5 + [("censored", 8)] * 3 + [("not_achieved", 40)] * 2:
        store.effect(outcome, D(2024, 1, 10), days, resolves=40)
    curve = built(store).rows(CURVE)
    assert curve[-1] == {"time": 5, "at_risk": None, "events": None, "state": "suppressed", "reason": "would tell of fewer than 5 persons"}
    assert [(row["time"], row["at_risk"], row["events"]) for row in curve[:-1]] == [(time, 16, 0) for time in range(5)]


def test_what_is_built_on_a_hidden_cell_is_hidden_too(store: StoreFile) -> None:
    cohort(store, achieved=3, not_achieved=10)
    store.ledger(D(2024, 1, 1), "A", "1", 1_000_000)
    for number in range(3):
        store.event("employment.conversation_held", D(2024, 1, 1), unit="A", subject=f"p:{number:08x}", minutes=30.0)
        store.event("case.payment_received", D(2024, 1, 1), unit="A", subject=f"p:{number:08x}", case_id="c", amount_ore=100)
    mart = built(
        store,
        costs={"rules": [{"to": "work"}]},
        outputs=[{"id": "talks", "name": "Talks", "event": "employment.conversation_held"}],
        amounts=[{"id": "paid", "name": "Paid", "event": "case.payment_received"}],
    )
    krone = mart.row("FROM effect_per_krone WHERE unit_id = 'A' AND cohort = '2024-Q1'")
    assert (krone["state"], krone["cost_ore"]) == ("suppressed", 1_000_000)
    assert not [
        name
        for name in ("attributed_effects", "effects_low", "effects_per_million", "epm_low", "kroner_per_effect", "kpe_low")
        if krone[name] is not None
    ]
    output = mart.row("SELECT events, minutes, state FROM output_by_unit WHERE output_id = 'talks'")
    assert output == {"events": None, "minutes": None, "state": "suppressed"}
    assert mart.row("SELECT events, subjects, amount_ore, state FROM amount_by_unit") == {
        "events": None, "subjects": None, "amount_ore": None, "state": "suppressed",
    }  # fmt: skip
    beside = mart.row(
        "SELECT outputs, outputs_per_million, effects_per_million, state FROM output_vs_effect WHERE unit_id = 'A' AND cohort = '2024-Q1'"
    )
    assert beside == {"outputs": None, "outputs_per_million": None, "effects_per_million": None, "state": "suppressed"}


def test_a_column_that_forgets_to_hide_is_emptied_by_the_shared_step(store: StoreFile, monkeypatch: pytest.MonkeyPatch) -> None:
    cohort(store, achieved=3, not_achieved=10)
    run = mart_module._Builder.run

    def forgetful(builder: Any, name: str, **values: object) -> None:
        run(builder, name, **values)
        if name == "mart_effect_by_unit":
            builder.connection.execute("UPDATE mart.effect_by_unit SET share_low = 3.0, state = 'final'")

    monkeypatch.setattr(mart_module._Builder, "run", forgetful)
    cell = built(store).cell("A", "2024-Q1")
    assert (cell["share_low"], cell["state"]) == (None, "suppressed")


def test_k_of_one_turns_it_off(store: StoreFile) -> None:
    cohort(store, achieved=1)
    cell = built(store, municipality={"k": 1}).cell("A", "2024-Q1")
    assert (cell["state"], cell["achieved"], cell["share"], cell["hidden"]) == ("final", 1, 1.0, None)


outcomes = st.dictionaries(
    st.sampled_from(["achieved", "not_achieved", "competing", "censored", "unmeasured"]), st.integers(1, 12), min_size=1
)


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(st.sampled_from("ABC"), st.sampled_from([D(2024, 1, 10), D(2024, 8, 10), D(2025, 11, 10)]), outcomes),
        min_size=1,
        max_size=6,
    )
)
@pytest.mark.security("S12")
def test_whatever_the_cohorts_nothing_small_is_left_in_a_row(tmp_path_factory: pytest.TempPathFactory, cohorts: list[Any]) -> None:
    store = StoreFile(tmp_path_factory.mktemp("any") / "store.duckdb")
    for unit, on, counts in cohorts:
        cohort(store, unit=unit, on=on, **counts)
    mart = built(store)
    assert broken_invariants(mart.connection) == []
    rows = mart.rows("FROM effect_by_unit")
    names = ("cohort_size", "pending", "matured", "achieved", "not_achieved", "competing", "censored", "unmeasured", "denominator")
    for row in rows:
        assert not [name for name in names if row[name] is not None and 0 < row[name] < 5]
        for whole, part in (
            ("cohort_size", "denominator"),
            ("cohort_size", "pending"),
            ("matured", "denominator"),
            ("denominator", "achieved"),
        ):
            if row[whole] is not None and row[part] is not None:
                assert not 0 < row[whole] - row[part] < 5, (whole, part)


@pytest.mark.slow
def test_the_gate_agrees_that_nothing_small_is_left(store: StoreFile) -> None:
    cohort(store, achieved=3, not_achieved=10)
    cohort(store, unit="B", achieved=30, not_achieved=20, censored=3)
    mart = built(store)
    mart.connection.close()
    verdict = check(store.path.parent / "mart.duckdb", 5)
    assert (verdict.passed, verdict.failed) == (True, ())


def test_an_indicator_with_a_count_that_cannot_be_proven_safe_is_withheld_and_said(
    store: StoreFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    def leaves_one_unproven(cells: exchanges.Cells, needs: Sequence[exchanges.Needs]) -> list[exchanges.Need]:
        return [*protect(cells, needs), *(need for some in needs for need in some.each())][:1]

    protect = exchanges.protect
    monkeypatch.setattr(complement, "protect", leaves_one_unproven)
    cohort(store, achieved=3, not_achieved=20)  # three effects are hidden, and everything else of the indicator with them
    cohort(store, on=D(2024, 7, 10), achieved=30, not_achieved=20)
    mart = built(store)
    assert {(row["state"], row["cohort_size"], row["share"], row["estimate"]) for row in mart.rows("FROM effect_by_unit")} == {
        ("suppressed", None, None, None)
    }
    told = mart.row("SELECT n, reason FROM data_quality WHERE \"check\" = 'withheld_indicator'")
    assert told["n"] == 1
    assert told["reason"].endswith("could not be proven safe otherwise: job")
    verdict = check(store.path.parent / "mart.duckdb", 5)
    assert verdict.passed
    assert "suppression.withheld" in {finding.rule for finding in verdict.findings if finding.severity == "warn"}


def test_where_all_is_proven_safe_nothing_is_withheld(store: StoreFile) -> None:
    cohort(store, achieved=3, not_achieved=20)
    cohort(store, on=D(2024, 7, 10), achieved=30, not_achieved=20)
    assert built(store).row("SELECT n, reason FROM data_quality WHERE \"check\" = 'withheld_indicator'") == {"n": 0, "reason": None}
