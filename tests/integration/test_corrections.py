"""Corrections: retracted, replaced, corrected themselves, before their target, several of one, in circles, unfit for their target."""

from pathlib import Path
from typing import Any

import pytest

from pipelines.invariants import outcome_hashes, violations
from pipelines.store import Store
from tests.store_factories import correction, counts, current, event, open_store, staged

WORK = "employment.placement_started"
LEFT = event("left")
FOUND = event("found", WORK, day=5)


@pytest.fixture
def store(tmp_path: Path):  # type: ignore[no-untyped-def]
    with open_store(tmp_path / "store") as opened:
        yield opened
        assert not any(violations(opened.connection).values())


def commit(store: Store, *batches: list[dict[str, Any]]) -> None:
    for batch in batches:
        store.commit([staged(batch, first=next(iter(store.offsets().values()), 0))])


def outcomes(store: Store) -> dict[str, str]:
    return {row[5]: row[12] for row in current(store)}


def test_a_retracted_event_never_was(store: Store) -> None:
    commit(store, [LEFT, FOUND], [correction("c", "found", 50)])
    assert outcomes(store) == {"left": "not_achieved"}


def test_a_retracted_index_event_withdraws_the_record(store: Store) -> None:
    commit(store, [LEFT, FOUND], [correction("c", "left", 50)])
    assert outcomes(store) == {}
    versions = store.connection.execute("SELECT outcome, version FROM effect ORDER BY version").fetchall()
    assert versions == [("achieved", 1), ("withdrawn", 2)]


def test_a_correction_may_come_before_its_target(store: Store) -> None:
    commit(store, [correction("c", "found", 50)], [LEFT], [FOUND])
    assert outcomes(store) == {"left": "not_achieved"}


def test_a_replacement_counts_with_the_corrections_recorded_time(store: Store) -> None:
    commit(store, [LEFT, FOUND], [correction("c", "found", 50, {"time": 12, "data": {}})])
    (record,) = current(store)
    assert (str(record[11]), str(record[17])) == ("2024-01-13 00:00:00"[:10], "2024-02-20 00:00:00")


def test_of_several_corrections_the_latest_recorded_stands(store: Store) -> None:
    commit(store, [LEFT, FOUND, correction("c2", "found", 60, {"time": 7, "data": {}})], [correction("c1", "found", 50)])
    assert [str(row[11]) for row in current(store)] == ["2024-01-08"]


def test_a_retracted_correction_has_no_effect(store: Store) -> None:
    commit(store, [LEFT, FOUND, correction("c", "found", 50)], [correction("cc", "c", 60)])
    assert outcomes(store) == {"left": "achieved"}


def test_a_replaced_correction_says_what_its_replacement_says(store: Store) -> None:
    pointed_elsewhere = {"time": 55, "data": {"target_id": "other", "target_source": "urn:test"}}
    commit(store, [LEFT, FOUND, correction("c", "found", 50)], [correction("cc", "c", 60, pointed_elsewhere)])
    assert outcomes(store) == {"left": "achieved"}
    commit(store, [event("other", day=1)])
    assert outcomes(store) == {"left": "achieved"}


def test_corrections_in_a_circle_have_no_effect(store: Store) -> None:
    commit(store, [LEFT, FOUND], [correction("a", "b", 50), correction("b", "a", 51), correction("self", "self", 52)])
    assert outcomes(store) == {"left": "achieved"}


def test_a_replacement_may_move_an_event_to_another_subject(store: Store) -> None:
    other = event("left2", subject="p:bbbbbbbb")
    commit(store, [LEFT, FOUND, other], [correction("c", "found", 50, {"time": 5, "data": {}, "subject": "p:bbbbbbbb"})])
    assert outcomes(store) == {"left": "not_achieved", "left2": "achieved"}
    commit(store, [correction("cc", "c", 60)])
    assert outcomes(store) == {"left": "achieved", "left2": "not_achieved"}


def test_a_replacement_that_does_not_fit_is_quarantined_and_the_next_stands(store: Store) -> None:
    commit(store, [LEFT, FOUND, correction("good", "found", 50, {"time": 9, "data": {}})])
    commit(store, [correction("unfit", "found", 60, {"time": 3, "data": {"unknown": 1}})])
    assert [str(row[11]) for row in current(store)] == ["2024-01-10"]
    assert store.connection.execute("SELECT class, id FROM quarantine").fetchall() == [("payload", "unfit")]
    assert counts(store) == (4, 3, 0, 1, 0)
    commit(store, [correction("unfit", "found", 60, {"time": 3, "data": {"unknown": 1}})])
    assert counts(store) == (5, 3, 1, 1, 0)


def test_an_unfit_correction_that_came_first_is_quarantined_when_its_target_comes(store: Store) -> None:
    commit(store, [correction("unfit", "found", 60, {"time": 3, "data": {"unknown": 1}}), LEFT], [FOUND])
    assert outcomes(store) == {"left": "achieved"}
    assert counts(store) == (3, 2, 0, 1, 0)


def test_a_mended_unfit_correction_comes_back(store: Store) -> None:
    commit(store, [LEFT, FOUND, correction("unfit", "found", 60, {"time": 3, "data": {"unknown": 1}})])
    fit = {"time": 61, "data": {"target_id": "found", "target_source": "urn:test", "replacement": {"time": 8, "data": {}}}}
    commit(store, [correction("mend", "unfit", 70, fit)])
    assert counts(store) == (4, 4, 0, 0, 0)
    assert [str(row[11]) for row in current(store)] == ["2024-01-09"]


def test_a_corrected_output_touches_nobody_and_stands_corrected(store: Store) -> None:
    talk = event("talk", "employment.conversation_held", value=30.0)
    commit(store, [LEFT, talk], [correction("c", "talk", 50, {"data": {"value": 45.0}})])
    assert store.connection.execute("SELECT value FROM store.standing_event WHERE id = 'talk'").fetchall() == [(45.0,)]
    assert store.connection.execute("SELECT count(*) FROM effect").fetchone() == (1,)


def test_a_conflict_about_a_corrected_event_is_settled_like_any(tmp_path: Path) -> None:
    late, early = event("found", WORK, day=5, recorded=9, unit="late"), event("found", WORK, day=6, recorded=6, unit="early")
    records = [LEFT, late, correction("c", "found", 50, {"data": {"unit": "said"}}), early]
    hashes = []
    for order in (records, records[::-1]):
        with open_store(tmp_path / str(len(hashes))) as store:
            commit(store, *[[record] for record in order])
            hashes.append(outcome_hashes(store.connection))
    assert hashes[0] == hashes[1]
