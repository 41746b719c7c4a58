"""Whatever the order of arrival, repetitions and batch cuts: the same events stand, with the same records, and counts add up."""

import random
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipelines.invariants import outcome_hashes, violations
from tests.store_factories import bad, correction, erasure, event, open_store, staged

SUBJECTS = ("p:aaaaaaaa", "p:bbbbbbbb", "p:cccccccc")
KINDS = ("employment.benefit_ended", "employment.placement_started", "employment.conversation_held")


def history(chance: random.Random, with_erasure: bool) -> list[dict[str, Any]]:
    """Events, some under one id with other content; corrections of events, of corrections, of what never comes; perhaps erasures."""
    records: list[dict[str, Any]] = []
    for number in range(chance.randint(1, 8)):
        for _ in range(chance.choice((1, 1, 1, 2, 3))):
            where = {"recorded": chance.randint(0, 40), "unit": chance.choice(("u1", "u2"))}
            records.append(event(f"e{number}", chance.choice(KINDS), chance.choice(SUBJECTS), chance.randint(0, 40), **where))
    for number in range(chance.randint(0, 6)):
        target = chance.choice(("e", "e", "c")) + str(chance.randint(0, 8))
        records.append(correction(f"c{number}", target, chance.randint(30, 60), replacement(chance), subject=chance.choice(SUBJECTS)))
    if with_erasure and chance.random() < 0.6:
        records += [erasure(f"x{number}", chance.choice(SUBJECTS)) for number in range(chance.randint(1, 2))]
    return records


def replacement(chance: random.Random) -> dict[str, Any] | None:
    """None for a retraction; now and then data that fits nothing, another subject, or another target for what may be a correction."""
    if chance.random() < 0.4:
        return None
    said: dict[str, Any] = {"time": chance.randint(0, 40), "data": {"unit": chance.choice(("u1", "u3"))}}
    if chance.random() < 0.2:
        said["data"]["unknown"] = 1
    if chance.random() < 0.3:
        said["subject"] = chance.choice(SUBJECTS)
    if chance.random() < 0.3:
        said["data"] |= {"target_id": f"e{chance.randint(0, 8)}", "target_source": "urn:test"}
    return said


def outcome(records: list[dict[str, Any]], cuts: list[int]) -> tuple[dict[str, str], dict[str, int]]:
    """Hashes and violations of a store that was given these records in these batches."""
    with tempfile.TemporaryDirectory() as folder, open_store(Path(folder)) as store:
        for start, stop in zip([0, *cuts], [*cuts, len(records)], strict=True):
            if stop > start:
                store.commit([staged(records[start:stop], first=start)])
        return outcome_hashes(store.connection), violations(store.connection)


def check(seed: int, with_erasure: bool) -> None:
    """One history, in one batch and shuffled with repetitions over several."""
    chance = random.Random(seed)
    records = history(chance, with_erasure)
    shuffled = records + chance.choices(records, k=chance.randint(0, 4)) + [bad(b"not json")]
    chance.shuffle(shuffled)
    cuts = sorted(chance.randint(0, len(shuffled)) for _ in range(chance.randint(0, 5)))
    expected, wrong = outcome(records, [])
    got, wrong_too = outcome(shuffled, cuts)
    assert not any(wrong.values()), wrong
    assert not any(wrong_too.values()), wrong_too
    assert got == expected


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
@given(st.integers(0, 2**32))
def test_order_repetitions_and_cuts_change_nothing(seed: int) -> None:
    check(seed, with_erasure=False)


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
@given(st.integers(0, 2**32))
@pytest.mark.security("S4")
def test_erased_subjects_stay_erased_in_any_order(seed: int) -> None:
    chance = random.Random(seed)
    records = history(chance, with_erasure=True)
    erased = {record["subject"] for record in records if record["type"] == "privacy.subject_erased"}
    with tempfile.TemporaryDirectory() as folder, open_store(Path(folder)) as store:
        for turn in range(2):
            chance.shuffle(records)
            store.commit([staged(records, first=turn * len(records))])
        for table in ("event", "amended_event", "effect", "correction"):
            left = {subject for (subject,) in store.connection.execute(f"SELECT subject FROM {table}").fetchall()}
            assert not left & erased, table
        assert not any(violations(store.connection).values())
