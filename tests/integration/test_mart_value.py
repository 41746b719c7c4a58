"""What effects are worth beside what they cost: value, error, return, payers, prices by version, and a cost that is itself uncertain."""

import datetime as dt
import math
from pathlib import Path
from typing import Any

import pytest

from outcomes.estimators import fieller
from pipelines.mart import build_mart
from tests.factories_mart import Mart, StoreFile, catalogue, reached

D = dt.date
PLAY = {"id": "play", "name": "Play", "purpose": "Joins in", "target_group": "All", "indicators": []}
VALUE = {"id": "job", "ore": 20_000_000, "price_year": 2024, "version": "v1", "source": "invented"}
TIERS = {"tiers": [{"through": 35, "rate": 0.035}, {"rate": 0.025}], "source": "example"}
LATE = D(2026, 1, 1)
Z95 = 1.959963984540054


@pytest.fixture
def store(tmp_path: Path) -> StoreFile:
    return StoreFile(tmp_path / "store.duckdb")


def people(store: StoreFile, achieved: int, of: int) -> None:
    for number in range(of):
        store.effect("achieved" if number < achieved else "not_achieved", D(2024, 2, 1), 10 if number < achieved else 365)


def built(store: StoreFile, as_of: dt.date = LATE, municipality: dict[str, Any] | None = None, **costs: Any) -> Mart:
    rules = [
        {"account": "admin", "to": "(unallocated)", "class": "unallocated"}, {"account": "refund", "to": "work", "class": "refund"},
        {"account": "benefit", "to": "work", "class": "transfer"}, {"to": "work"},
    ]  # fmt: skip
    target = store.path.parent / "mart.duckdb"
    parts = catalogue(
        municipality=municipality or {}, core_tasks=[PLAY], indicators=[reached(effect={"unit": "x", "value": "job"})],
        costs={"rules": rules, "values": [VALUE]} | costs,
    )  # fmt: skip
    build_mart(store.save(), parts, target, as_of)
    return Mart(target)


def krone(mart: Mart) -> dict[str, Any]:
    return mart.row("FROM effect_per_krone WHERE unit_id = 'A' AND cohort = '2024-Q1'")


def test_value_error_and_return_of_the_krone(store: StoreFile) -> None:
    store.ledger(D(2024, 2, 1), "A", "1", 100_000_000)
    people(store, 10, 40)
    row = krone(built(store))
    half = (row["effects_high"] - row["effects_low"]) / 2 / Z95
    assert (row["benefit_ore"], row["net_benefit_ore"], row["value_id"], row["value_version"]) == (200_000_000, 100_000_000, "job", "v1")
    assert row["net_benefit_se_ore"] == pytest.approx(20_000_000 * half, abs=1)
    assert (row["return_per_krone"], row["return_low"]) == pytest.approx((2.0, row["effects_low"] * 0.2))
    assert (row["kpe_method"], row["cost_se_ore"]) == ("census", None)


def test_net_of_refund_stands_beside_gross_and_benefits_are_in_neither(store: StoreFile) -> None:
    for account, ore in (("1", 100_000_000), ("refund", -40_000_000), ("benefit", 900_000_000)):
        store.ledger(D(2024, 2, 1), "A", account, ore)
    people(store, 10, 40)
    row = krone(built(store))
    assert (row["cost_ore"], row["refund_ore"], row["cost_net_ore"]) == (100_000_000, -40_000_000, 60_000_000)
    assert (row["effects_per_million"], row["effects_per_million_net"]) == pytest.approx((10.0, 10 / 0.6))
    assert row["kroner_per_effect_net"] == pytest.approx(60_000)


def test_payers_add_up_to_the_whole_and_the_state_bears_the_refund(store: StoreFile) -> None:
    for account, ore in (("1", 100_000_001), ("refund", -40_000_000)):
        store.ledger(D(2024, 2, 1), "A", account, ore)
    people(store, 7, 40)
    payers = {"municipality": 1 / 3, "region": 1 / 3, "citizen": 1 / 3}
    mart = built(store, values=[VALUE | {"ore": 10_000_001, "payers": payers}])
    whole = krone(mart)
    rows = {row["payer"]: row for row in mart.rows("FROM effect_value_by_payer WHERE unit_id = 'A' AND cohort = '2024-Q1'")}
    for column in ("benefit_ore", "cost_ore", "net_benefit_ore"):
        assert sum(row[column] for row in rows.values()) == whole[column], column
    assert {payer: row["cost_ore"] for payer, row in rows.items()} == {
        "municipality": 60_000_001, "region": 0, "citizen": 0, "state": 40_000_000,
    }  # fmt: skip


def test_a_value_over_years_wears_off_and_is_discounted_to_the_cohort_s_own_year(store: StoreFile) -> None:
    people(store, 1, 1)
    value = VALUE | {"years": 10, "first_year": 1, "drop_off": 0.1}
    mart = built(store, values=[value], discounting=TIERS)
    by_hand = sum(20_000_000 * 0.9**n / 1.035 ** (n + 1) for n in range(10))
    assert krone(mart)["value_per_effect_ore"] == round(by_hand)
    shown = mart.row("FROM dim_value")
    assert (shown["stated_ore"], shown["value_per_effect_ore"], shown["years"]) == (20_000_000, round(by_hand), 10)
    assert (shown["discounting"], shown["discounting_source"]) == ("3.50% through year 35, 2.50% after that", "example")


def test_a_key_from_a_sample_gives_the_cost_an_error_and_the_ratio_fieller_s_set(store: StoreFile) -> None:
    store.ledger(D(2024, 2, 1), "A", "1", 60_000_000)
    store.ledger(D(2024, 2, 1), "staff", "admin", 40_000_000)
    people(store, 20, 40)
    study = {"id": "k", "name": "k", "by": "direct_cost", "source": "a time study of two weeks", "relative_se": 0.25}
    row = krone(built(store, keys=[study], steps=[{"id": "s", "key": "k"}]))
    assert (row["cost_ore"], row["allocated_ore"], row["cost_se_ore"], row["kpe_method"]) == (
        100_000_000,
        40_000_000,
        10_000_000,
        "fieller",
    )
    spread = (row["effects_high"] - row["effects_low"]) / 2 / Z95
    expected = fieller(1_000_000, 20, 100_000**2, spread**2)
    assert (row["kpe_low"], row["kpe_high"]) == pytest.approx((expected.low, expected.high))
    per_krone = fieller(20, 1_000_000, spread**2, 100_000**2)
    assert (row["epm_low"], row["epm_high"]) == pytest.approx((per_krone.low * 1e6, per_krone.high * 1e6))
    assert row["net_benefit_se_ore"] == pytest.approx(math.hypot(20_000_000 * spread, 10_000_000), abs=1)


def test_an_effect_that_drowns_in_error_is_not_bounded_in_kroner_and_stays_in_effects(store: StoreFile) -> None:
    store.ledger(D(2024, 2, 1), "A", "1", 60_000_000)
    store.ledger(D(2024, 2, 1), "staff", "admin", 40_000_000)
    people(store, 1, 40)
    study = {"id": "k", "name": "k", "by": "direct_cost", "source": "a time study", "relative_se": 0.25}
    row = krone(built(store, keys=[study], steps=[{"id": "s", "key": "k"}]))
    assert (row["state"], row["kpe_bounded"], row["kroner_per_effect"], row["kpe_high"]) == ("not_bounded", False, None, None)
    assert row["reason"] and row["effects_per_million"] == pytest.approx(1.0)


VERSIONS = [
    {"version": "spring", "status": "estimate", "published_on": "2025-06-01", "source": "estimate", "rises": {2025: 0.03}},
    {"version": "final", "status": "final", "published_on": "2026-03-01", "source": "accounts", "rises": {2025: 0.04}},
]


@pytest.mark.parametrize(
    ("as_of", "name", "fixed"),
    [
        (D(2025, 7, 1), "services spring (estimate)", 103_000),
        (D(2026, 3, 1), "services final (final)", 104_000),
        (D(2025, 5, 31), None, None),
    ],
)
def test_the_index_that_was_out_by_the_day_is_used_and_named(store: StoreFile, as_of: dt.date, name: str | None, fixed: int | None) -> None:
    store.ledger(D(2024, 2, 1), "A", "1", 100_000)
    series = [{"id": "services", "covers": ["direct", "allocated"], "versions": VERSIONS}]
    mart = built(store, as_of, {"price_year": 2025}, price_indices=series, values=[])
    row = mart.row("SELECT price_index, fixed_ore, price_year FROM cost_by_unit")
    assert row == {"price_index": name, "fixed_ore": fixed, "price_year": 2025 if fixed else None}
    assert {row["version"] for row in mart.rows("FROM dim_price_index WHERE is_used")} == ({name.split()[1]} if name else set())


def test_transfers_have_their_own_index_or_stay_nominal(store: StoreFile) -> None:
    store.ledger(D(2024, 2, 1), "A", "benefit", 100_000)
    store.ledger(D(2024, 2, 1), "A", "1", 100_000)
    own = {"id": "rates", "covers": ["transfer"], "versions": [{"version": "1", "source": "s", "rises": {2025: 0.02}}]}
    mart = built(store, municipality={"price_year": 2025}, price_indices=[own], values=[])
    rows = {row["cost_class"]: (row["fixed_ore"], row["price_year"], row["price_index"]) for row in mart.rows("FROM cost_by_unit")}
    assert rows == {"transfer": (102_000, 2025, "rates 1 (final)"), "direct": (100_000, None, None)}
