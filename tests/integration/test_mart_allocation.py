"""Shared cost spread by named keys in steps, to the oere, and what no key can spread."""

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from pipelines.checks import invariants
from pipelines.mart import build_mart
from tests.factories_mart import Mart, StoreFile, catalogue

D = dt.date
LATE = D(2026, 1, 1)
PLAY = {"id": "play", "name": "Play", "purpose": "Joins in", "target_group": "All", "indicators": []}
UNPLACED = {"account": "admin", "to": "(unallocated)", "class": "unallocated"}


@pytest.fixture
def store(tmp_path: Path) -> StoreFile:
    return StoreFile(tmp_path / "store.duckdb")


def built(
    store: StoreFile, *, municipality: dict[str, Any] | None = None, outputs: list[dict[str, Any]] | None = None, **costs: Any
) -> Mart:
    rules = [UNPLACED, {"account": "play", "to": "play"}, {"account": "work", "to": "work"}]
    target = store.path.parent / "mart.duckdb"
    parts = catalogue(
        municipality=municipality or {}, outputs=outputs or [], core_tasks=[PLAY], costs={"rules": rules} | costs,
    )  # fmt: skip
    build_mart(store.save(), parts, target, LATE)
    mart = Mart(target)
    assert violations(mart) == {}
    return mart


def violations(mart: Mart) -> dict[str, int]:
    """Checks of money that do not hold in a mart."""
    money = {name: query for name, query in invariants().items() if name.startswith(("cost", "ledger"))}
    found = {name: mart.rows(query)[0] for name, query in money.items()}
    return {name: next(iter(row.values())) for name, row in found.items() if next(iter(row.values()))}


def key(by: str, **rest: Any) -> dict[str, Any]:
    return {"id": "k", "name": "k", "by": by, "source": "example"} | rest


def step(**rest: Any) -> dict[str, Any]:
    return {"id": "s", "key": "k"} | rest


def received(mart: Mart) -> dict[tuple[str, str], int]:
    return {
        (row["unit_id"], row["core_task_id"]): row["nominal_ore"] for row in mart.rows("FROM cost_by_unit WHERE cost_class = 'allocated'")
    }


def test_a_support_unit_is_spread_by_weights_and_not_an_oere_is_lost(store: StoreFile) -> None:
    store.ledger(D(2024, 2, 1), "staff", "admin", 1000)
    shares = [{"unit": unit, "core_task": "work", "amount": 1} for unit in ("A", "B", "C")]
    mart = built(store, keys=[key("weights", shares=shares)], steps=[step(**{"from": {"unit": "staff"}})])
    # 1000 / 3: one oere is left over and goes to the first unit.
    assert received(mart) == {("A", "work"): 334, ("B", "work"): 333, ("C", "work"): 333}
    sender = mart.row("SELECT nominal_ore, direct_ore, allocated_ore, cost_class FROM cost_by_unit WHERE unit_id = 'staff'")
    assert sender == {"nominal_ore": 0, "direct_ore": 1000, "allocated_ore": -1000, "cost_class": "unallocated"}
    told = mart.rows("SELECT step, step_id, key_id, key_by, from_unit_id, to_unit_id, amount_ore, state FROM cost_allocation")
    assert told[0] == {
        "step": 1, "step_id": "s", "key_id": "k", "key_by": "weights", "from_unit_id": "staff", "to_unit_id": "A", "amount_ore": 334,
        "state": "final",
    }  # fmt: skip


def test_negative_amounts_are_spread_as_exactly(store: StoreFile) -> None:
    store.ledger(D(2024, 2, 1), "staff", "admin", -1001)
    shares = [{"unit": unit, "core_task": "work", "amount": weight} for unit, weight in (("A", 1), ("B", "2.5"))]
    mart = built(store, keys=[key("weights", shares=shares)], steps=[step()])
    assert received(mart) == {("A", "work"): -286, ("B", "work"): -715}


def test_steps_go_down_in_order_and_a_source_receives_no_more(store: StoreFile) -> None:
    store.ledger(D(2024, 2, 1), "it", "admin", 900)
    store.ledger(D(2024, 2, 1), "hr", "admin", 100)
    store.ledger(D(2024, 2, 1), "A", "work", 3000)
    store.ledger(D(2024, 2, 1), "A", "play", 1000)
    shares = [
        {"unit": "hr", "core_task": "(unallocated)", "amount": 1},
        {"unit": "A", "core_task": "work", "amount": 2},
    ]
    mart = built(
        store,
        keys=[key("headcount", id="heads", shares=shares), key("direct_cost", id="cost")],
        steps=[
            {"id": "first", "key": "heads", "from": {"unit": "it"}},
            {"id": "then", "key": "cost", "from": {"unit": ["hr", "it"]}},
        ],
    )
    # it 900 -> hr 300, A work 600; hr 400 by direct cost 3000 : 1000 -> work 300, play 100.
    assert received(mart) == {("hr", "(unallocated)"): 0, ("A", "work"): 900, ("A", "play"): 100}
    assert mart.row("SELECT mapped_ore, unallocated_ore FROM ledger_reconciliation") == {"mapped_ore": 5000, "unallocated_ore": 0}


def test_a_key_without_basis_leaves_the_amount_where_it_was_and_says_so(store: StoreFile) -> None:
    store.ledger(D(2024, 2, 1), "staff", "admin", 1000)
    store.ledger(D(2024, 5, 1), "staff", "admin", 77)
    store.ledger(D(2024, 5, 1), "A", "work", 1)
    mart = built(store, keys=[key("direct_cost")], steps=[step()])
    stuck = mart.row("SELECT period, amount_ore, state, reason FROM cost_allocation WHERE to_unit_id IS NULL")
    assert stuck == {
        "period": "2024-Q1", "amount_ore": 1000, "state": "missing",
        "reason": "the key k has no basis in this period, so the amount stays where it was",
    }  # fmt: skip
    assert mart.row("SELECT mapped_ore, unallocated_ore FROM ledger_reconciliation") == {"mapped_ore": 78, "unallocated_ore": 1000}


def test_shares_count_for_the_days_of_their_validity(store: StoreFile) -> None:
    store.ledger(D(2024, 3, 31), "staff", "admin", 9100)
    shares = [
        {"unit": "A", "core_task": "work", "amount": 1},
        {"unit": "B", "core_task": "work", "amount": 1, "valid_from": "2024-03-01", "valid_to": "2024-04-01"},
    ]
    mart = built(store, keys=[key("headcount", shares=shares)], steps=[step()])
    # The first quarter of 2024 has 91 days, March 31 of them: 9100 x 91 / 122 and 9100 x 31 / 122.
    assert received(mart) == {("A", "work"): 6788, ("B", "work"): 2312}


def test_outputs_are_a_key_by_what_was_done_and_small_counts_are_none(store: StoreFile) -> None:
    store.ledger(D(2024, 2, 1), "staff", "admin", 1000)
    for unit, persons in (("A", 30), ("B", 10), ("C", 4)):
        for person in range(persons):
            store.event("employment.conversation_held", D(2024, 2, 3), unit=unit, subject=f"p:{unit}{person:08x}".lower(), minutes=30.0)
    talks = {"id": "talks", "name": "Talks", "event": "employment.conversation_held"}
    mart = built(store, municipality={"k": 5}, outputs=[talks], keys=[key("outputs", outputs="talks", measure="minutes")], steps=[step()])
    # Unit C has four persons: its money would tell of them, so nothing follows them.
    assert received(mart) == {("A", "work"): 750, ("B", "work"): 250}


def test_receivers_can_be_limited_to_units_below_one_and_to_core_tasks(store: StoreFile) -> None:
    store.ledger(D(2024, 2, 1), "centre", "admin", 100)
    for unit, account in (("A", "work"), ("B", "work"), ("A", "play")):
        store.ledger(D(2024, 2, 1), unit, account, 50)
    store.event("organisation.unit_moved", D(2024, 1, 1), subject="A", unit="A", parent="centre")
    mart = built(store, keys=[key("direct_cost", units="centre", core_tasks="work")], steps=[step()])
    assert received(mart) == {("A", "work"): 100}


def test_budget_and_other_currencies_are_spread_on_their_own(store: StoreFile) -> None:
    for kind, currency, cost in (("actual", "DKK", 10), ("budget", "DKK", 20), ("actual", "EUR", 40)):
        store.ledger(D(2024, 2, 1), "staff", "admin", 7 * cost, kind=kind, currency=currency)
        store.ledger(D(2024, 2, 1), "A", "work", cost, kind=kind, currency=currency)
    mart = built(store, keys=[key("direct_cost")], steps=[step(kind="actual")])
    found = {(row["kind"], row["currency"]): row["amount_ore"] for row in mart.rows("FROM cost_allocation")}
    assert found == {("actual", "DKK"): 70, ("actual", "EUR"): 280}


def test_only_allocated_cost_is_no_unit_s_whole_cost(store: StoreFile) -> None:
    store.ledger(D(2024, 2, 1), "staff", "admin", 1000)
    store.effect("achieved", D(2024, 2, 1), 10)
    mart = built(store, keys=[key("weights", shares=[{"unit": "A", "core_task": "work", "amount": 1}])], steps=[step()])
    krone = mart.row("SELECT state, reason, cost_ore FROM effect_per_krone WHERE unit_id = 'A' AND cohort = '2024-Q1'")
    assert krone == {"state": "missing", "reason": "no cost is booked for this unit, core task and period", "cost_ore": None}


def test_effect_is_held_against_direct_and_allocated_cost(store: StoreFile) -> None:
    store.ledger(D(2024, 2, 1), "staff", "admin", 1000)
    store.ledger(D(2024, 2, 1), "A", "work", 9000)
    store.effect("achieved", D(2024, 2, 1), 10)
    mart = built(store, keys=[key("direct_cost")], steps=[step()])
    cost = {row["unit_id"]: row["cost_ore"] for row in mart.rows("FROM effect_per_krone WHERE cohort = '2024-Q1'")}
    assert cost == {"A": 10_000, "(all)": 10_000}
