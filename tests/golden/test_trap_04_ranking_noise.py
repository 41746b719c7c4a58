"""Trap 4, ranking noise: fifty units with one true rate; some stand outside by chance, and nobody is best or worst."""

import datetime as dt
from pathlib import Path

import numpy as np
import pytest

from pipelines.mart import build_mart
from tests.factories_mart import Mart, StoreFile, catalogue, reached

INDEX = dt.date(2023, 1, 2)
ACCOUNT = "5689010"


@pytest.fixture(scope="module")
def mart(tmp_path_factory: pytest.TempPathFactory) -> Mart:
    folder = tmp_path_factory.mktemp("noise")
    store = StoreFile(folder / "store.duckdb")
    achieved = np.random.default_rng(1996).binomial(60, 0.4, size=50)
    for number, count in enumerate(achieved):
        for person in range(60):
            store.effect("achieved" if person < count else "not_achieved", INDEX, 100 if person < count else 365, unit=f"u{number:02d}")
        store.ledger(INDEX, f"u{number:02d}", ACCOUNT, 100_000_000)
    described = catalogue(
        indicators=[reached(expected="pool")],
        costs={"rules": [{"account": "5", "to": "work"}]},
        outputs=[{"id": "talks", "name": "Talks", "event": "employment.conversation_held"}],
    )
    build_mart(store.save(), described, folder / "mart.duckdb", dt.date(2025, 1, 1))
    return Mart(folder / "mart.duckdb")


def test_the_alerts_that_chance_gives_are_announced(mart: Mart) -> None:
    summary = mart.row("SELECT * FROM funnel_summary WHERE cohort = 'all'")
    assert summary["n_units"] == 50
    assert (summary["chance_outside_95"], summary["chance_outside_998"]) == pytest.approx((2.5, 0.1))
    assert summary["outside_998"] == 0
    assert 0 <= summary["outside_95"] <= 7  # binomial: 8 or more of 50 happen less than once in 200 times


def test_nobody_is_called_best_or_worst(mart: Mart) -> None:
    rows = mart.rows("SELECT * FROM funnel WHERE cohort = 'all' ORDER BY oe_rank")
    assert {row["verdict_code"] for row in rows} <= {"within", "alert_low", "alert_high"}
    first, last = rows[0], rows[-1]
    assert first["oe_rank_high"] > 1
    assert last["oe_rank_low"] < 50
    widths = [row["oe_rank_high"] - row["oe_rank_low"] for row in rows]
    assert np.median(widths) > 25  # most units may stand in more than half of all places
    assert all("seed" in row["rank_method"] for row in rows)


def test_ranks_by_effect_per_krone_have_the_limits_that_chance_gives_them(mart: Mart) -> None:
    rows = mart.rows("SELECT * FROM output_vs_effect WHERE cohort = 'all' AND effect_rank IS NOT NULL ORDER BY effect_rank, unit_id")
    assert len(rows) == 50
    assert rows[0]["effect_rank_low"] == 1
    assert rows[0]["effect_rank_high"] > 5
    assert all(row["effect_rank_low"] <= row["effect_rank"] <= row["effect_rank_high"] for row in rows)
    assert {row["rank_method"] for row in rows} == {"95 % of 1000 simulated ranks, Jeffreys posterior, seed 20160101"}


def test_kroner_per_effect_of_several_units_is_a_ratio_of_sums(tmp_path: Path) -> None:
    # Three units of 100,000 kroner with 10, 2 and 1 effects: together 23,076.92 kroner per effect, not the mean of three ratios, 53,333.
    store = StoreFile(tmp_path / "store.duckdb")
    for unit, effects in (("A", 10), ("B", 2), ("C", 1)):
        for number in range(20):
            store.effect("achieved" if number < effects else "not_achieved", INDEX, 100 if number < effects else 365, unit=unit)
        store.ledger(INDEX, unit, ACCOUNT, 10_000_000)
    build_mart(store.save(), catalogue(costs={"rules": [{"account": "5", "to": "work"}]}), tmp_path / "mart.duckdb", dt.date(2025, 1, 1))
    row = Mart(tmp_path / "mart.duckdb").row(
        "SELECT * FROM effect_per_krone WHERE unit_id = '(all)' AND cohort = 'all' AND attribution = 'lead'"
    )
    assert row["kroner_per_effect"] == pytest.approx(23076.9230769, rel=1e-9)
