"""Outputs beside effects, amounts, data quality, and the catalogue as tables."""

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest

from pipelines.mart import build_mart
from pipelines.tables import TABLES
from tests.factories_mart import Mart, StoreFile, catalogue

D = dt.date
LATE = D(2026, 1, 1)


@pytest.fixture
def store(tmp_path: Path) -> StoreFile:
    return StoreFile(tmp_path / "store.duckdb")


def built(store: StoreFile, as_of: dt.date = LATE, **parts: Any) -> Mart:
    target = store.path.parent / "mart.duckdb"
    build_mart(store.save(), catalogue(**parts), target, as_of)
    return Mart(target)


TALKS = {"id": "talks", "name": "Talks", "event": "employment.conversation_held"}


def test_every_output_is_counted_once_as_declared_and_once_as_it_is(store: StoreFile) -> None:
    for step, minutes in (("call", 10.5), ("call", 4.5), ("letter", 3.0)):
        store.event("case.step_completed", D(2024, 1, 5), unit="A", case_id="c", step=step, minutes=minutes)
    store.event("community.activity_held", D(2024, 1, 5), minutes=60.0, participants=12)
    mart = built(store, outputs=[{"id": "calls", "name": "Calls", "event": "case.step_completed", "where": {"step": "call"}}])
    found = {
        (row["unit_id"], row["output_id"]): (row["events"], row["minutes"], row["participants"]) for row in mart.rows("FROM output_by_unit")
    }
    assert found == {
        ("A", "calls"): (2, 15.0, None),
        ("A", "case.step_completed"): (3, 18.0, None),
        ("(unmatched)", "community.activity_held"): (1, 60.0, 12),
    }
    assert mart.row("SELECT core_task_id FROM output_by_unit WHERE output_id = 'calls'")["core_task_id"] == "work"


def test_outputs_after_the_day_asked_for_are_not_there_yet(store: StoreFile) -> None:
    for month in (1, 6):
        store.event("employment.conversation_held", D(2024, month, 5), unit="A", minutes=1.0)
    assert (
        built(store, D(2024, 3, 1), outputs=[TALKS]).row("SELECT sum(events) AS n FROM output_by_unit WHERE output_id = 'talks'")["n"] == 1
    )


def test_amounts_are_sums_of_what_events_state(store: StoreFile) -> None:
    for subject, amount in (("p:0000000a", 100), ("p:0000000a", 50), ("p:0000000b", 7)):
        store.event("case.payment_received", D(2024, 1, 5), unit="A", subject=subject, case_id="c", amount_ore=amount)
    store.event("case.opened", D(2024, 1, 5), unit="A", case_id="c", kind="fine")  # states no amount
    mart = built(
        store,
        amounts=[
            {"id": "paid", "name": "Paid", "event": "case.payment_received"},
            {"id": "fines", "name": "Fines", "event": "case.opened"},
        ],
    )
    (row,) = mart.rows("FROM amount_by_unit")
    assert (row["amount_id"], row["events"], row["subjects"], row["amount_ore"], row["currency"]) == ("paid", 3, 2, 157, "DKK")


def test_output_and_effect_rank_the_units_differently_and_ranks_have_intervals(store: StoreFile) -> None:
    for unit, talks, effects in (("A", 30, 5), ("B", 10, 45), ("C", 20, 40)):
        store.ledger(D(2024, 1, 5), unit, "1", 100_000_000)
        for number in range(50):
            store.effect(
                "achieved" if number < effects else "not_achieved",
                D(2024, 1, 5),
                10 if number < effects else 365,
                unit=unit,
                subject=f"p:{unit}{number:07x}",
            )
        for number in range(talks):
            store.event("employment.conversation_held", D(2024, 1, 6), unit=unit, subject=f"p:{unit}{number * 2:07x}", minutes=30.0)
    mart = built(store, outputs=[TALKS], costs={"rules": [{"to": "work"}]})
    rows = {row["unit_id"]: row for row in mart.rows("FROM output_vs_effect WHERE cohort = '2024-Q1'")}
    assert {unit: (row["output_rank"], row["effect_rank"]) for unit, row in rows.items()} == {"A": (1, 3), "B": (3, 1), "C": (2, 2)}
    # B and C cannot be told apart; A is certainly last.
    assert {unit: (row["effect_rank_low"], row["effect_rank_high"]) for unit, row in rows.items()} == {
        "A": (3, 3),
        "B": (1, 2),
        "C": (1, 2),
    }
    assert (rows["A"]["outputs_per_effect"], rows["A"]["outputs_per_million"], rows["B"]["coverage"]) == (6.0, 30.0, 1.0)
    assert rows["A"]["coverage"] == pytest.approx(25 / 30)  # five of the thirty spoke to somebody without an effect record


def test_data_quality_counts_each_record_once(store: StoreFile) -> None:
    store.feed("file:/srv/secret/a.ndjson", received=10, accepted=6, duplicates=3, quarantined=1)
    start, end = "employment.placement_started", "employment.placement_ended"
    for on, kind, episode in (
        (D(2024, 1, 5), start, "kept"), (D(2024, 3, 5), end, "kept"),
        (D(2024, 2, 5), end, "no start"),
        (D(2024, 3, 5), start, "backwards"), (D(2024, 3, 5), end, "backwards"),
    ):  # fmt: skip
        store.event(kind, on, unit="A", placement_id=episode)
    store.event("person.died", D(2024, 5, 5), recorded_at=dt.datetime.combine(D(2024, 5, 1), dt.time()))
    mart = built(store, D(2024, 5, 15))
    rows = {(row["source"], row["check"]): row for row in mart.rows("FROM data_quality")}
    own = rows["urn:test", "events"]
    assert (own["accepted"], own["unmatched"], own["lag_days"], own["duplicates"]) == (6, 1, 10, None)
    assert own["coverage"] == pytest.approx(4 / 5)  # nothing in April
    assert own["watermark"] == dt.datetime.combine(D(2024, 5, 5), dt.time(12))
    assert {check: rows["urn:test", check]["n"] for check in ("unmatched_end", "zero_length_episode", "suspicious_time")} == {
        "unmatched_end": 1, "zero_length_episode": 1, "suspicious_time": 1,
    }  # fmt: skip
    assert (rows["feed file:a.ndjson", "feed"]["received"], rows["feed file:a.ndjson", "feed"]["duplicates"]) == (10, 3)
    assert mart.row("SELECT sum(accepted) AS a, sum(duplicates) AS d FROM data_quality") == {"a": 6, "d": 3}
    assert not mart.rows("FROM data_quality WHERE source LIKE '%secret%'")


def test_the_catalogue_is_published_with_its_definitions(store: StoreFile) -> None:
    mart = built(
        store,
        task={
            "prerequisites": ["trust"],
            "links": [{"to": "play", "how": {"da": "fordi", "en": "because"}}],
            "views": {"formal_share": 0.4},
        },
        core_tasks=[{"id": "play", "name": "Play", "purpose": "p", "target_group": "t"}],
    )
    task = mart.row("FROM dim_core_task WHERE core_task_id = 'work'")
    assert json.loads(task["links"]) == [{"to": "play", "how": {"da": "fordi", "en": "because"}}]
    assert json.loads(task["prerequisites_en"]) == ["trust"]
    indicator = mart.row("FROM dim_indicator")
    assert (indicator["horizon"], indicator["estimate_method"], json.loads(indicator["definition"])["horizon"]) == (
        "P365D",
        "kaplan_meier",
        "P365D",
    )
    assert mart.row("FROM core_task_link")["reason"] == "nobody has a known answer in both core tasks"


def test_formal_and_performed_stand_side_by_side(store: StoreFile) -> None:
    for number in range(10):
        store.effect("achieved" if number < 3 else "not_achieved", D(2024, 1, 5), 10)
    view = built(store, task={"views": {"formal_share": 0.4}}).row("FROM core_task_views WHERE unit_id = 'A' AND cohort = '2024-Q1'")
    assert (view["formal"], view["performed"], view["gap_formal_performed"]) == (0.4, 0.3, pytest.approx(-0.1))
    assert (view["experienced"], view["reason"]) == (None, "the catalogue names no indicator for the experienced view")


def test_an_empty_store_makes_a_whole_mart(store: StoreFile) -> None:
    mart = built(store)
    counts = {table.name: len(mart.rows(f'FROM "{table.name}"')) for table in TABLES}
    assert counts["effect_by_unit"] == counts["dim_indicator"] == counts["dim_core_task"] == 1
    assert counts["effect_curve"] == counts["cost_by_unit"] == 0


def test_every_column_says_what_it_means(store: StoreFile) -> None:
    mart = built(store)
    described = mart.rows("SELECT table_name, column_name, comment FROM duckdb_columns() WHERE database_name = 'mart'")
    assert {(row["table_name"], row["column_name"]) for row in described} == {
        (table.name, column.name) for table in TABLES for column in table.columns
    }
    assert all(row["comment"] for row in described)
