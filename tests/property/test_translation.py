"""The SQL says what the plain-Python reference says, whatever the timeline; order, repeats and cuts into batches change nothing."""

import random
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.catalogue import Catalogue
from models.registry import EVENT_TYPES
from outcomes.translation import compile_translation
from tests.properties import compare
from tests.reference.compare import differences
from tests.reference.run_sql import KEYS, Event, translate_on
from tests.reference.timelines import catalogues, timelines

CALM = settings(deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])


@pytest.fixture(scope="module")
def connection() -> Any:
    with duckdb.connect(config={"threads": 1}) as opened:
        yield opened


@settings(CALM, max_examples=50)
@given(catalogue=catalogues(), events=timelines())
def test_sql_and_reference_give_the_same_records(connection: Any, catalogue: Catalogue, events: list[Event]) -> None:
    assert differences(catalogue, events, connection) == []


def test_two_thousand_timelines_give_the_same_records_as_the_reference(connection: Any) -> None:
    outcomes, told = compare(seed=20260101, examples=2000, report=lambda n: None, connection=connection)
    assert told == ""
    assert set(outcomes) == {"achieved", "not_achieved", "competing", "censored", "unmeasured"}  # the sample sees them all


@settings(CALM, max_examples=12)
@given(catalogue=catalogues(), events=timelines(), chance=st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(connection: Any, catalogue: Catalogue, events: list[Event], chance: random.Random) -> None:
    translation = compile_translation(catalogue, EVENT_TYPES)
    shuffled = events.copy()
    chance.shuffle(shuffled)
    assert translate_on(connection, translation, shuffled) == translate_on(connection, translation, events)


@settings(CALM, max_examples=12)
@given(catalogue=catalogues(), events=timelines(), chance=st.randoms(use_true_random=False))
def test_batches_of_any_cut_with_repeats_end_where_one_batch_ends(
    connection: Any, catalogue: Catalogue, events: list[Event], chance: random.Random
) -> None:
    translation = compile_translation(catalogue, EVENT_TYPES)
    arriving = events + chance.choices(events, k=len(events) // 2) if events else []
    chance.shuffle(arriving)
    stored: dict[int, Event] = {}
    records: dict[tuple[Any, ...], dict[str, Any]] = {}
    while arriving:
        cut = chance.randint(1, 7)
        batch, arriving = arriving[:cut], arriving[cut:]
        stored |= {event["event_key"]: event for event in batch}
        touched = {event["subject_key"] for event in batch}
        records = {key: record for key, record in records.items() if record["subject_key"] not in touched}
        fresh = translate_on(connection, translation, list(stored.values()), touched)
        records |= {tuple(record[name] for name in KEYS): record for record in fresh}
    whole = translate_on(connection, translation, events)
    assert sorted(records.values(), key=lambda r: tuple(r[name] for name in KEYS)) == whole


@settings(CALM, max_examples=12)
@given(catalogue=catalogues(), events=timelines())
def test_records_keep_their_promises(connection: Any, catalogue: Catalogue, events: list[Event]) -> None:
    recorded = {event["event_key"]: event["recorded_at"] for event in events}
    for record in translate_on(connection, compile_translation(catalogue, EVENT_TYPES), events):
        assert record["decided_on"] >= record["index_on"]
        assert record["evidence"] == sorted(set(record["evidence"]))
        assert record["index_key"] in record["evidence"]
        assert record["known_from"] == max(recorded[key] for key in record["evidence"])
        if record["outcome"] in ("competing", "censored"):
            assert len(record["evidence"]) >= 2  # the index event, and another that came first
