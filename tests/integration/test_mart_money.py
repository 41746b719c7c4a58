"""From the ledger to cost_by_unit and effect_per_krone, to the oere."""

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from statsmodels.stats.proportion import proportion_confint

from pipelines.mart import build_mart
from tests.factories_mart import Mart, StoreFile, catalogue, reached

D = dt.date
LATE = D(2026, 1, 1)
PRICES = {"version": "1", "source": "example", "rises": {2024: 0.045, 2025: 0.033}}


@pytest.fixture
def store(tmp_path: Path) -> StoreFile:
    return StoreFile(tmp_path / "store.duckdb")


def built(store: StoreFile, as_of: dt.date = LATE, **parts: Any) -> Mart:
    target = store.path.parent / "mart.duckdb"
    build_mart(store.save(), catalogue(**parts), target, as_of)
    return Mart(target)


def rules(*given: dict[str, Any], **costs: Any) -> dict[str, Any]:
    return {"costs": {"rules": list(given)} | costs}


def test_the_first_rule_that_fits_counts(store: StoreFile) -> None:
    for account, amount in (("5.68.90.1", 1), ("5.68.98", 10), ("6.45.53", 100), ("5.57.73", 1000), ("7", 10000)):
        store.ledger(D(2024, 1, 5), "A", account, amount)
    mart = built(
        store,
        **rules(
            {"account": "5.68.9?.*", "to": "work", "class": "capital"},
            {"account": ["5.68", "6.45.53"], "to": "work"},
            {"account": "5.57.*", "to": "(unallocated)"},
        ),
    )
    found = {(row["core_task_id"], row["cost_class"]): row["nominal_ore"] for row in mart.rows("FROM cost_by_unit")}
    assert found == {
        ("work", "capital"): 1,
        ("work", "direct"): 110,
        ("(unallocated)", "unallocated"): 1000,
        ("(unmapped)", "unmapped"): 10000,
    }
    assert mart.row("FROM ledger_reconciliation") == {
        "kind": "actual", "currency": "DKK", "ledger_ore": 11111, "mapped_ore": 111,
        "unallocated_ore": 1000, "unmapped_ore": 10000, "difference_ore": 0,
    }  # fmt: skip


def test_rules_look_at_unit_species_kind_and_accounting_date(store: StoreFile) -> None:
    store.ledger(D(2024, 1, 5), "A", "1", 1)
    store.ledger(D(2024, 1, 5), "B", "1", 10)
    store.ledger(D(2024, 1, 5), "B", "1", 100, species="4.7")
    store.ledger(D(2024, 1, 5), "B", "1", 1000, kind="budget")
    store.ledger(D(2023, 12, 31), "B", "1", 10000)
    mart = built(
        store,
        **rules(
            {"to": "work", "unit": "A", "set_unit": "C"},
            {"to": "work", "species": "4.7", "class": "intermunicipal"},
            {"to": "work", "kind": "budget"},
            {"to": "work", "valid_from": "2024-01-01", "class": "internal"},
        ),
    )
    found = {(row["unit_id"], row["cost_class"], row["kind"]): row["nominal_ore"] for row in mart.rows("FROM cost_by_unit")}
    assert found == {
        ("C", "direct", "actual"): 1, ("B", "intermunicipal", "actual"): 100, ("B", "direct", "budget"): 1000,
        ("B", "internal", "actual"): 10, ("B", "unmapped", "actual"): 10000,
    }  # fmt: skip


def test_a_bracket_in_an_account_is_only_a_bracket(store: StoreFile) -> None:
    store.ledger(D(2024, 1, 5), "A", "[12]x", 7)
    store.ledger(D(2024, 1, 5), "A", "1x", 5)
    mart = built(store, **rules({"account": "[12]*", "to": "work"}))
    assert mart.row("SELECT mapped_ore, unmapped_ore FROM ledger_reconciliation") == {"mapped_ore": 7, "unmapped_ore": 5}


def test_other_currencies_are_lines_of_their_own_without_fixed_prices(store: StoreFile) -> None:
    store.ledger(D(2024, 1, 5), "A", "1", 500)
    store.ledger(D(2024, 1, 5), "A", "1", 300, currency="EUR")
    mart = built(store, **rules({"to": "work"}, price_index=PRICES), municipality={"price_year": 2025})
    assert {row["currency"]: (row["nominal_ore"], row["fixed_ore"], row["price_year"]) for row in mart.rows("FROM cost_by_unit")} == {
        "DKK": (500, 517, 2025),  # 500 x 1.033 = 516.5, rounded away from zero
        "EUR": (300, None, None),
    }
    assert sum(row["difference_ore"] for row in mart.rows("FROM ledger_reconciliation")) == 0


def test_expenditure_and_income_are_told_apart(store: StoreFile) -> None:
    for amount in (300, -100, 50, -20):
        store.ledger(D(2024, 1, 5), "A", "1", amount)
    row = built(store, **rules({"to": "work"})).row("FROM cost_by_unit")
    assert (row["nominal_ore"], row["expenditure_ore"], row["income_ore"], row["direct_ore"], row["allocated_ore"]) == (
        230,
        350,
        -120,
        230,
        0,
    )


def test_fixed_prices_chain_the_yearly_rises_and_leave_transfers_alone(store: StoreFile) -> None:
    # 10 million kr. of 2023 are 10.79485 in 2025 prices (rises of 4.5 % and 3.3 %).
    store.ledger(D(2023, 5, 1), "A", "effort", 1_000_000_000)
    store.ledger(D(2023, 5, 1), "A", "benefit", 1_000_000_000)
    mart = built(
        store,
        municipality={"price_year": 2025},
        **rules({"account": "benefit", "to": "work", "class": "transfer"}, {"to": "work"}, price_index=PRICES),
    )
    assert {row["cost_class"]: (row["fixed_ore"], row["price_year"]) for row in mart.rows("FROM cost_by_unit")} == {
        "direct": (1_079_485_000, 2025),
        "transfer": (1_000_000_000, None),
    }


def test_a_year_outside_the_index_has_no_fixed_price_and_no_effect_per_krone(store: StoreFile) -> None:
    store.ledger(D(2021, 5, 1), "A", "1", 1000)
    store.effect("achieved", D(2021, 5, 1), 10)
    mart = built(store, municipality={"price_year": 2025}, **rules({"to": "work"}, price_index=PRICES))
    assert mart.row("SELECT nominal_ore, fixed_ore FROM cost_by_unit") == {"nominal_ore": 1000, "fixed_ore": None}
    krone = mart.row("SELECT state, reason, cost_ore FROM effect_per_krone WHERE unit_id = 'A' AND cohort = '2021-Q2'")
    assert krone == {"state": "missing", "reason": "no price index for a year of this period", "cost_ore": None}


def test_effort_is_what_effect_is_held_against(store: StoreFile) -> None:
    # One year of a job-effort ledger (invented): 7.2 million of effort; refund, benefits and capital stay in lines of their own.
    kroner = (
        ("J", "direct", 3_000_000), ("J", "direct", 4_000_000), ("J", "internal", 200_000), ("K", "internal", -200_000),
        ("J", "intermunicipal", 300_000), ("J", "intermunicipal", -100_000), ("J", "refund", -1_000_000),
        ("J", "transfer", 12_000_000), ("J", "transfer_refund", -2_400_000), ("J", "capital", 1_500_000),
    )  # fmt: skip
    for unit, kind, amount in kroner:
        store.ledger(D(2024, 2, 1), unit, kind, amount * 100)
    store.effect("achieved", D(2024, 2, 1), 10, unit="J")
    classes = dict.fromkeys(kind for _, kind, _ in kroner)
    mart = built(store, **rules(*({"account": name, "to": "work", "class": name} for name in reversed(list(classes)))))
    cost = {row["unit_id"]: row["cost_ore"] for row in mart.rows("SELECT unit_id, cost_ore FROM effect_per_krone WHERE cohort = '2024-Q1'")}
    assert cost == {"J": 740_000_000, "(all)": 720_000_000}
    assert mart.row("FROM ledger_reconciliation")["ledger_ore"] == 1_730_000_000


def test_effects_per_million_are_a_ratio_of_sums(store: StoreFile) -> None:
    # Three units of 100,000 kr. with 10, 2 and 1 effects: together 23,076.92 kr. an effect, not the mean of the ratios (53,333.33).
    for unit, effects in (("A", 10), ("B", 2), ("C", 1)):
        store.ledger(D(2024, 2, 1), unit, "1", 10_000_000)
        for _ in range(effects):
            store.effect("achieved", D(2024, 2, 1), 10, unit=unit)
        for _ in range(20 - effects):
            store.effect("not_achieved", D(2024, 2, 1), 365, unit=unit)
    krone = built(store, **rules({"to": "work"})).row("FROM effect_per_krone WHERE unit_id = '(all)' AND cohort = '2024-Q1'")
    assert krone["kroner_per_effect"] == pytest.approx(23_076.9230769)
    assert krone["effects_per_million"] == pytest.approx(13 / 0.3)
    # A census of cost: the limits are the cost over Wilson's limits of the effects, 13 of 60.
    low, high = proportion_confint(13, 60, method="wilson")
    assert (krone["effects_low"], krone["effects_high"]) == pytest.approx((60 * low, 60 * high))
    assert (krone["kpe_low"], krone["kpe_high"]) == pytest.approx((300_000 / (60 * high), 300_000 / (60 * low)))
    assert (krone["state"], krone["kpe_bounded"]) == ("final", True)


def test_no_effect_is_nought_per_million_and_not_bounded_in_kroner(store: StoreFile) -> None:
    store.ledger(D(2024, 2, 1), "A", "1", 10_000_000)
    for _ in range(7):
        store.effect("not_achieved", D(2024, 2, 1), 365)
    krone = built(store, **rules({"to": "work"})).row("FROM effect_per_krone WHERE unit_id = 'A' AND cohort = '2024-Q1'")
    assert (krone["state"], krone["effects_per_million"], krone["epm_low"]) == ("not_bounded", 0.0, 0.0)
    assert krone["epm_high"] == pytest.approx(7 * 0.3543304351 / 0.1)
    assert (krone["kroner_per_effect"], krone["kpe_high"], krone["kpe_bounded"]) == (None, None, False)
    assert krone["reason"]


def test_missing_cost_is_missing_and_an_immature_cohort_has_no_ratio(store: StoreFile) -> None:
    store.effect("achieved", D(2024, 2, 1), 10)
    store.effect("achieved", D(2025, 11, 1), 10)
    store.ledger(D(2025, 11, 1), "A", "1", 5000)
    mart = built(store, **rules({"to": "work"}))
    states = {row["cohort"]: row for row in mart.rows("FROM effect_per_krone WHERE unit_id = 'A'")}
    assert (states["2024-Q1"]["state"], states["2024-Q1"]["effect_state"], states["2024-Q1"]["cost_ore"]) == ("missing", "final", None)
    assert (states["2025-Q4"]["state"], states["2025-Q4"]["attributed_effects"]) == ("immature", None)
    assert all(row["effects_per_million"] is None for row in states.values())


def test_net_benefit_takes_the_value_of_an_effect_at_the_same_prices(store: StoreFile) -> None:
    store.ledger(D(2025, 2, 1), "A", "1", 10_000_00)
    for _ in range(3):
        store.effect("achieved", D(2025, 2, 1), 10, resolves=90)
    mart = built(
        store,
        municipality={"price_year": 2025},
        indicators=[reached(effect={"unit": "x", "value": "job", "weight": 2.0})],
        **rules(
            {"to": "work"},
            price_index=PRICES,
            values=[{"id": "job", "ore": 1_000_000, "price_year": 2023, "version": "1", "source": "example"}],
        ),
    )
    krone = mart.row("FROM effect_per_krone WHERE unit_id = 'A' AND cohort = '2025-Q1'")
    assert (krone["attributed_effects"], krone["value_per_effect_ore"]) == (6.0, 1_079_485)
    assert krone["net_benefit_ore"] == 6 * 1_079_485 - 10_000_00


def test_where_money_comes_by_the_year_effects_meet_it_by_the_year(store: StoreFile) -> None:
    store.ledger(D(2024, 12, 31), "A", "1", 10_000_000)
    for month in (1, 5, 9):
        store.effect("achieved", D(2024, month, 1), 10)
    mart = built(store, municipality={"cost_period": "year"}, **rules({"to": "work"}))
    krone = mart.row("FROM effect_per_krone WHERE unit_id = 'A' AND cohort <> 'all'")
    assert (krone["cohort"], krone["attributed_effects"], krone["effects_per_million"]) == ("2024", 3.0, pytest.approx(30.0))
    assert mart.cell("A", "2024")["cohort_size"] == 3


def test_cost_moves_to_the_parent_of_its_day(store: StoreFile) -> None:
    store.event("organisation.unit_moved", D(2024, 2, 15), subject="A", unit="A", parent="south")
    store.ledger(D(2024, 2, 1), "A", "1", 100)
    store.ledger(D(2024, 3, 1), "A", "1", 1000)
    store.effect("achieved", D(2024, 2, 20), 10)
    mart = built(store, units=[{"id": "A", "name": "A", "level": "department", "parent": "north"}], **rules({"to": "work"}))
    cost = {row["unit_id"]: row["cost_ore"] for row in mart.rows("FROM effect_per_krone WHERE cohort = '2024-Q1'")}
    assert cost == {"A": 1100, "south": 1000, "(all)": 1100}
