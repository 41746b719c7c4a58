"""Erasure: nothing about the subject stays in any table or byte of the store, and nothing comes back."""

from pathlib import Path

import pytest

from models.errors import StoreError
from pipelines.database import FILE
from pipelines.invariants import violations
from tests.store_factories import bad, correction, counts, current, erasure, event, open_store, staged

GONE, STAYS = "p:deadbeefdeadbeef", "p:0123456789abcdef"
WORK = "employment.placement_started"


def everything(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


@pytest.mark.security("S4")
def test_nothing_of_the_subject_is_left_in_the_files(tmp_path: Path) -> None:
    raw = b'{"subject": "' + GONE.encode() + b'", "broken'
    with open_store(tmp_path) as store:
        # Compressed text would hide what a search for bytes is meant to find.
        store.connection.execute("PRAGMA force_compression='uncompressed'")
        of_gone = [event("1", subject=GONE), event("2", WORK, GONE, 3), event("1", subject=GONE, unit="u2"), bad(raw)]
        store.commit([staged([*of_gone, event("3", subject=STAYS)])])
        store.checkpoint()
        assert GONE.encode() in everything(tmp_path)
        store.commit([staged([erasure("x", GONE)], first=5)])
        assert counts(store) == (6, 1, 0, 0, 5)
        assert not any(violations(store.connection).values())
        assert [row[6] for row in current(store)] == [STAYS]
    left = everything(tmp_path)
    assert GONE.encode() not in left
    assert STAYS.encode() in left


@pytest.mark.security("S4")
def test_what_comes_later_is_turned_away_and_counted(tmp_path: Path) -> None:
    raw = b'{"subject": "\\u0070:deadbeefdeadbeef", "broken'
    with open_store(tmp_path) as store:
        store.commit([staged([erasure("x", GONE), event("0", subject=GONE)])])
        store.commit([staged([event("1", subject=GONE), event("2", subject=STAYS), bad(raw), bad(b"no name")], first=2)])
        assert counts(store) == (6, 1, 0, 1, 4)
    with open_store(tmp_path) as store:
        store.commit([staged([event("1", subject=GONE), erasure("x", GONE)], first=6)])
        assert counts(store) == (8, 1, 0, 1, 6)
        assert store.connection.execute("SELECT count(*) FROM erasure").fetchone() == (1,)


def test_a_subject_whose_name_begins_alike_is_left_alone(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        longer = b'{"subject": "' + GONE.encode() + b'ff"'
        store.commit([staged([bad(longer), event("1", subject=GONE + "ff"), erasure("x", GONE)])])
        assert counts(store) == (3, 1, 0, 1, 1)


@pytest.mark.parametrize("erasure_first", [False, True])
def test_an_event_moved_to_an_erased_subject_belongs_to_nobody(tmp_path: Path, erasure_first: bool) -> None:
    events = [event("left", subject=STAYS), event("found", WORK, STAYS, 4)]
    moving = correction("c", "found", 50, {"time": 4, "data": {}, "subject": GONE}, subject=STAYS)
    batches = [[erasure("x", GONE)], [*events, moving]] if erasure_first else [[*events, moving], [erasure("x", GONE)]]
    with open_store(tmp_path) as store:
        for batch in batches:
            store.commit([staged(batch, first=next(iter(store.offsets().values()), 0))])
        assert [row[12] for row in current(store)] == ["not_achieved"]
        for table in ("event", "correction", "amended_event"):
            named = f"SELECT count(*) FROM {table} WHERE contains(coalesce(fields, ''), ?)"
            assert store.connection.execute(named, [GONE]).fetchone() == (0,)


def test_what_lost_a_conflict_against_an_erased_record_stands(tmp_path: Path) -> None:
    winner, loser = event("1", subject=GONE, recorded=1), event("1", subject=STAYS, recorded=2)
    with open_store(tmp_path) as store:
        store.commit([staged([winner, loser])])
        store.commit([staged([erasure("x", GONE)], first=2)])
        assert [(row[5], row[6]) for row in current(store)] == [("1", STAYS)]
        assert counts(store) == (3, 1, 0, 0, 2)
        assert not any(violations(store.connection).values())


def test_a_lost_key_is_noticed(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        store.commit([staged([erasure("x", GONE)])])
    key = tmp_path / "erasure.key"
    assert key.stat().st_mode & 0o777 == 0o600
    key.unlink()
    with pytest.raises(StoreError, match=r"erasure.key is missing"):
        open_store(tmp_path)
    assert (tmp_path / FILE).exists()
