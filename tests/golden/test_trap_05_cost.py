"""Trap 5: cost in the wrong place or the wrong year. What the cohort's own effort cost, in which class, at whose unit, at which prices."""

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from tests.factories_feed import Feed
from tests.factories_mart import Mart, catalogue, reached

D = dt.date
AS_OF = D(2026, 3, 1)
PRICES = {"version": "1", "source": "example", "rises": {2024: 0.045, 2025: 0.033}}
JOB = reached(horizon="P900D", index="employment.benefit_started")
RULES = [
    {"account": ["5.57.73.2", "5.57.78.2"], "to": "work", "class": "transfer_refund"},
    {"account": ["5.57"], "to": "work", "class": "transfer", "note": "benefits are a consequence, never a cost"},
    {"account": "5.68.90.2", "to": "work", "class": "refund"},
    {"account": ["5.68.90.3"], "to": "work", "class": "capital"},
    {"account": ["5.68", "6.45.53"], "species": "9.1", "to": "work", "class": "internal"},
    {"account": ["5.68", "6.45.53"], "species": ["4.7", "7.7"], "to": "work", "class": "intermunicipal"},
    {"account": ["5.68", "6.45.53"], "to": "work"},
]
# unit, account, species, kroner: one year of a job effort (invented), the classes of which are the rules' to find
LEDGER = (
    ("J", "6.45.53.1", "1.0", 3_000_000), ("J", "5.68.90.1", "4.0", 4_000_000), ("J", "5.68.90.1", "9.1", 200_000),
    ("K", "5.68.90.1", "9.1", -200_000), ("J", "5.68.90.1", "4.7", 300_000), ("J", "5.68.90.1", "7.7", -100_000),
    ("J", "5.68.90.2", "", -1_000_000), ("J", "5.57.73.1", "5.2", 12_000_000), ("J", "5.57.73.2", "", -2_400_000),
    ("J", "5.68.90.3", "", 1_500_000),
)  # fmt: skip


def post(feed: Feed, on: dt.date, unit: str, account: str, kroner: int, **more: Any) -> None:
    feed.event("finance.ledger_posted", on, subject=unit, unit=unit, account=account, amount_ore=kroner * 100, **more)


def cohort(feed: Feed, unit: str, year: int, persons: int, achieved: int) -> None:
    """People whose benefit begins in January of a year; the effect of those who find work shows two years later."""
    for number in range(persons):
        subject = f"p:{hash_free(unit)}{year:04x}{number:04x}"
        feed.event(
            "employment.benefit_started", D(year, 1, 10), subject, unit=unit, spell_id=f"{unit}{year}{number}", benefit="kontanthjaelp"
        )
        if number < achieved:
            feed.event("employment.placement_started", D(year + 2, 1, 15), subject, unit=unit, placement_id=f"j{unit}{year}{number}")


def hash_free(unit: str) -> str:
    """Hex digits of a unit's name."""
    return unit.encode().hex()


def built(feed: Feed, folder: Path, **parts: Any) -> Mart:
    setting = {
        "municipality": {"period": "year", "price_year": 2025},
        "indicators": [JOB],
        "costs": {"rules": RULES, "price_index": PRICES},
    }
    return feed.mart(folder, catalogue(**(setting | parts)), AS_OF)


def test_every_line_ends_in_its_class_and_the_classes_are_the_ledger(tmp_path: Path) -> None:
    feed = Feed()
    for unit, account, species, kroner in LEDGER:
        post(feed, D(2024, 5, 1), unit, account, kroner, **({"species": species} if species else {}))
    cohort(feed, "J", 2024, 20, 5)
    mart = built(feed, tmp_path, municipality={"period": "year"}, indicators=[JOB | {"horizon": "P700D"}])
    classes = {
        row["cost_class"]: row["ore"] / 100 for row in mart.rows("SELECT cost_class, sum(nominal_ore) AS ore FROM cost_by_unit GROUP BY 1")
    }
    assert classes == {
        "direct": 7_000_000, "internal": 0, "intermunicipal": 200_000, "refund": -1_000_000,
        "transfer": 12_000_000, "transfer_refund": -2_400_000, "capital": 1_500_000,
    }  # fmt: skip
    # Unit J pays for what it bought of K; together the trade is gone: 7.4 and 7.2 million, 6.2 net of refund, 17.3 in the ledger.
    krone = {row["unit_id"]: row for row in mart.rows("FROM effect_per_krone WHERE cohort = '2024'")}
    assert (krone["J"]["cost_ore"], krone["(all)"]["cost_ore"]) == (740_000_000, 720_000_000)
    assert krone["(all)"]["cost_net_ore"] == 620_000_000
    assert sum(classes.values()) == 17_300_000
    assert mart.row("SELECT ledger_ore, difference_ore FROM ledger_reconciliation") == {"ledger_ore": 1_730_000_000, "difference_ore": 0}
    j = mart.row("FROM ledger_by_class WHERE unit_id = 'J'")
    assert (j["ledger_ore"], j["internal_ore"], j["difference_ore"]) == (1_750_000_000, 20_000_000, 0)


def test_the_cohort_costs_its_own_effort_not_what_was_booked_when_the_effect_showed(tmp_path: Path) -> None:
    feed = Feed()
    post(feed, D(2023, 6, 1), "J", "5.68.90.1", 10_000_000)
    post(feed, D(2025, 6, 1), "J", "5.68.90.1", 3_000_000)
    cohort(feed, "J", 2023, 40, 20)
    krone = built(feed, tmp_path).row("FROM effect_per_krone WHERE unit_id = 'J' AND cohort = '2023'")
    # 10.0 million of 2023 are 10.79485 million in 2025 prices.
    assert (krone["cost_ore"], krone["price_year"], krone["price_index"]) == (1_079_485_000, 2025, "services 1 (final)")
    assert krone["kroner_per_effect"] == pytest.approx(10_794_850 / 20)


def test_a_correction_and_a_late_wage_cost_in_the_year_they_concern_at_its_prices(tmp_path: Path) -> None:
    feed = Feed()
    post(feed, D(2023, 6, 1), "J", "5.68.90.1", 10_000_000)
    post(feed, D(2025, 2, 1), "J", "5.68.90.1", -1_000_000, concerns="2023", text="booked twice")
    post(feed, D(2024, 1, 20), "J", "6.45.53.1", 500_000, concerns="2023-12", text="wages of December")
    cohort(feed, "J", 2023, 40, 20)
    mart = built(feed, tmp_path)
    years = {row["period"]: (row["nominal_ore"], row["fixed_ore"]) for row in mart.rows("FROM cost_by_unit")}
    assert years == {"2023": (950_000_000, round(950_000_000 * 1.079485))}
    booked = {row["period"]: (row["ledger_ore"], row["other_period_ore"]) for row in mart.rows("FROM ledger_by_class")}
    assert booked == {"2023": (1_000_000_000, 0), "2024": (50_000_000, 50_000_000), "2025": (-100_000_000, -100_000_000)}


def test_a_rule_can_say_that_its_entries_concern_the_year_before(tmp_path: Path) -> None:
    feed = Feed()
    post(feed, D(2024, 1, 20), "J", "5.68.90.1", 7, text="supplementary period")
    rules = [{"account": "5.68", "to": "work", "concerns": "year_before"}]
    assert built(feed, tmp_path, costs={"rules": rules}).row("SELECT period, nominal_ore FROM cost_by_unit") == {
        "period": "2023",
        "nominal_ore": 700,
    }


def test_a_unit_without_booked_cost_is_missing_and_has_no_first_place(tmp_path: Path) -> None:
    feed = Feed()
    for unit, achieved in (("J", 5), ("FREE", 15)):
        cohort(feed, unit, 2023, 20, achieved)
        feed.event("employment.conversation_held", D(2023, 1, 12), f"p:{hash_free(unit)}07e70001", unit=unit, minutes=30)
    post(feed, D(2023, 6, 1), "J", "5.68.90.1", 1_000_000)
    post(feed, D(2023, 6, 1), "FREE", "5.57.73.1", -9_000_000, text="a benefit saved is no negative cost")
    talks = {"id": "talks", "name": "Talks", "event": "employment.conversation_held"}
    mart = built(feed, tmp_path, outputs=[talks])
    free = mart.row("FROM effect_per_krone WHERE unit_id = 'FREE' AND cohort = '2023'")
    assert (free["state"], free["reason"]) == ("missing", "no cost is booked for this unit, core task and period")
    assert (free["cost_ore"], free["effects_per_million"], free["kroner_per_effect"], free["attributed_effects"]) == (
        None,
        None,
        None,
        15.0,
    )
    ranks = {row["unit_id"]: row["effect_rank"] for row in mart.rows("FROM output_vs_effect WHERE cohort = '2023'")}
    assert ranks == {"J": 1, "FREE": None}


def test_what_municipalities_pay_each_other_cancels_over_them(tmp_path: Path) -> None:
    feed = Feed()
    for unit, parent in (("east.jobs", "east"), ("west.jobs", "west")):
        feed.event("organisation.unit_opened", D(2020, 1, 1), subject=unit, unit=unit, name=unit, level="department", parent=parent)
        post(feed, D(2023, 6, 1), unit, "6.45.53.1", 1_000_000)
        cohort(feed, unit, 2023, 10, 5)
    post(feed, D(2023, 7, 1), "east.jobs", "5.68.90.1", 300_000, species="4.7")
    post(feed, D(2023, 7, 1), "west.jobs", "5.68.90.1", -300_000, species="7.7")
    mart = built(feed, tmp_path, municipality={"period": "year"})
    cost = {row["unit_id"]: row["cost_ore"] // 100 for row in mart.rows("FROM effect_per_krone WHERE cohort = '2023'")}
    assert (cost["east"], cost["west"], cost["(all)"]) == (1_300_000, 700_000, 2_000_000)
