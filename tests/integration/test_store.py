"""The store's transaction: counts, duplicates, conflicts, offsets, the lease, faults of disk and file."""

from pathlib import Path

import duckdb
import pytest

from models.errors import ConfigurationError, OffsetGapError, StoreBusyError, StoreError, StoreFullError, StoreMemoryError
from pipelines import database
from pipelines.database import clear_errors
from pipelines.invariants import violations
from pipelines.store import Store
from tests.store_factories import CATALOGUE, FEED, SmallTranslation, amend, bad, counts, current, event, open_store, staged

WORK = "employment.placement_started"


@pytest.fixture
def store(tmp_path: Path):  # type: ignore[no-untyped-def]
    with open_store(tmp_path / "store") as opened:
        yield opened
        assert not any(violations(opened.connection).values())


def outcomes(store: Store) -> dict[str, str]:
    return {row[5]: row[12] for row in current(store)}


def test_every_record_is_counted_under_one_head(store: Store) -> None:
    summary = store.commit([staged([event("1"), event("1"), event("1", unit="u2"), bad(b"x"), event("2", WORK, day=3)])])
    assert (summary.received, summary.accepted, summary.duplicates, summary.quarantined, summary.erased) == (5, 2, 1, 2, 0)
    assert summary.quarantined_by_class == (("conflict", 1), ("malformed", 1))
    assert counts(store) == (5, 2, 1, 2, 0)
    assert outcomes(store) == {"1": "achieved"}


def test_a_repetition_in_a_later_batch_changes_nothing(store: Store) -> None:
    store.commit([staged([event("1"), event("2", WORK, day=3)])])
    before = store.connection.execute("FROM effect").fetchall()
    summary = store.commit([staged([event("2", WORK, day=3), event("1")], first=2)])
    assert (summary.duplicates, summary.accepted, summary.effects) == (2, 0, 0)
    assert store.connection.execute("FROM effect").fetchall() == before


def test_the_content_recorded_first_stands_even_when_it_comes_last(store: Store) -> None:
    late = event("1", day=0, recorded=9, unit="late")
    early = event("1", day=0, recorded=1, unit="early")
    store.commit([staged([late])])
    summary = store.commit([staged([early, late, late], first=1)])
    assert store.connection.execute("SELECT unit FROM event").fetchall() == [("early",)]
    assert (summary.accepted, summary.duplicates, summary.displaced) == (1, 2, 1)
    assert counts(store) == (4, 1, 2, 1, 0)
    assert store.connection.execute('SELECT class, "offset" FROM quarantine').fetchall() == [("conflict", 0)]


def test_a_loser_that_comes_again_is_a_duplicate_not_a_second_conflict(store: Store) -> None:
    loser = event("1", recorded=9, unit="late")
    store.commit([staged([event("1", recorded=1), loser])])
    store.commit([staged([loser], first=2)])
    assert counts(store) == (3, 1, 1, 1, 0)


def test_an_output_touches_nobody(store: Store) -> None:
    store.commit([staged([event("1")])])
    assert store.commit([staged([event("2", "employment.conversation_held")], first=1)]).effects == 0


def test_a_changed_record_is_a_new_version_and_an_unchanged_one_is_not(store: Store) -> None:
    store.commit([staged([event("1")])])
    store.commit([staged([event("2", WORK, day=99)], first=1)])
    store.commit([staged([event("3", WORK, day=9)], first=2)])
    rows = store.connection.execute("SELECT version, batch, outcome FROM effect ORDER BY version").fetchall()
    assert rows == [(1, 1, "not_achieved"), (2, 3, "achieved")]
    assert store.changed_effects(1)["version"].to_pylist() == [2]


def test_changed_effects_come_in_whole_batches_of_about_so_many(store: Store) -> None:
    for n in range(4):
        store.commit([staged([event(f"{n}", subject=f"p:k1.0000000{n}"), event(f"{n}b", subject=f"p:k1.1000000{n}")], first=2 * n)])
    assert sorted(set(store.changed_effects(0, about=1)["batch"].to_pylist())) == [1]
    assert sorted(set(store.changed_effects(0, about=4)["batch"].to_pylist())) == [1, 2]
    assert sorted(set(store.changed_effects(2, about=100)["batch"].to_pylist())) == [3, 4]
    assert store.changed_effects(4).num_rows == 0


def test_what_was_read_before_falls_away_uncounted(store: Store) -> None:
    records = [event(str(n)) for n in range(4)]
    store.commit([staged(records[:2])])
    assert store.commit([staged(records[:2])]).received == 0
    assert store.commit([staged(records)]).received == 2
    assert store.offsets() == {(FEED, 0): 4}
    assert counts(store) == (4, 4, 0, 0, 0)


def test_missing_records_stop_the_batch(store: Store) -> None:
    store.commit([staged([event("1")])])
    with pytest.raises(OffsetGapError, match=r"kerneeffekt.employment\[0\].*offset 1.*begins at 5"):
        store.commit([staged([event("2")], first=5)])
    assert store.offsets() == {(FEED, 0): 1}


def test_holes_are_no_fault_where_the_feed_has_them(store: Store) -> None:
    store.commit([staged([event("1")])])
    store.commit([staged([event("2")], first=5, may_skip=True)])
    assert store.offsets() == {(FEED, 0): 6}


def test_a_partition_that_was_taken_over_cannot_be_moved(store: Store) -> None:
    store.commit([staged([event("1")])])
    store.connection.execute("UPDATE feed_offset SET epoch = epoch + 1")
    with pytest.raises(StoreError, match="taken this partition over"):
        store.commit([staged([event("2")], first=1)])
    assert counts(store) == (1, 1, 0, 0, 0)
    assert store.connection.execute("SELECT count(*) FROM event").fetchone() == (1,)


def test_claim_fences_whoever_had_the_partitions(store: Store) -> None:
    store.commit([staged([event("1")])])
    store.claim()
    store.commit([staged([event("2")], first=1)])
    assert store.connection.execute("SELECT epoch, next_offset FROM feed_offset").fetchone() == (2, 2)


def test_a_second_writer_is_refused_and_told_who_has_it(store: Store) -> None:
    with pytest.raises(StoreBusyError, match="in use by process"):
        open_store(store.folder)


def test_what_was_committed_is_there_after_reopening(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        store.commit([staged([event("1"), event("2", WORK, day=3)])])
    with open_store(tmp_path) as store:
        assert outcomes(store) == {"1": "achieved"}
        assert store.offsets() == {(FEED, 0): 2}
        store.commit([staged([event("3")], first=2)])


def test_a_failing_translation_leaves_nothing_behind(tmp_path: Path) -> None:
    class Failing(SmallTranslation):
        def statements(self) -> list[str]:
            return ["SELECT error('no')"]

    with open_store(tmp_path) as store:
        store.translation = store._versions.translation = Failing()
        with pytest.raises(Exception, match="no"):
            store.commit([staged([event("1"), bad(b"x")])])
        for table in ("event", "quarantine", "feed_offset", "batch", "effect"):
            assert store.connection.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,), table
        store._versions.translation = SmallTranslation()
        assert store.commit([staged([event("1")])]).accepted == 1


def test_too_little_space_refuses_the_batch(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "MINIMUM_FREE_BYTES", 2**60)
    with pytest.raises(StoreFullError, match=r"MiB free for the store .* nothing of it was written"):
        store.commit([staged([event("1")])])
    assert counts(store) == (0, 0, 0, 0, 0)


@pytest.mark.parametrize("damage", [b"this is not a database", b""])
def test_a_damaged_file_is_one_sentence(tmp_path: Path, damage: bytes) -> None:
    with open_store(tmp_path) as store:
        store.commit([staged([event("1")])])
    file = tmp_path / database.FILE
    file.write_bytes(damage + file.read_bytes()[len(damage) + 5000 :])
    with pytest.raises(StoreError, match=r"cannot be opened .* restore a copy, or replay"):
        open_store(tmp_path)


def test_after_a_fault_the_file_is_tried_in_a_child_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[Path] = []
    monkeypatch.setattr(database, "_open_in_child", tried.append)
    with open_store(tmp_path):
        pass
    with open_store(tmp_path):
        pass
    assert tried == []
    with pytest.raises(RuntimeError), open_store(tmp_path):
        raise RuntimeError
    with open_store(tmp_path):
        pass
    assert tried == [tmp_path]


def test_another_catalogue_asks_for_a_rebuild_and_the_rebuild_does_it(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        store.commit([staged([event("1"), event("2", WORK, day=20)])])
        assert outcomes(store) == {"1": "achieved"}
    with open_store(tmp_path, translation=SmallTranslation(days=10)) as store:
        assert store.rebuild_due
        with pytest.raises(ConfigurationError, match="kerneeffekt rebuild"):
            store.commit([staged([event("3")], first=2)])
        assert store.rebuild().effects == 1
        assert outcomes(store) == {"1": "not_achieved"}
        store.commit([staged([event("3")], first=2)])
    with open_store(tmp_path, translation=SmallTranslation(days=10)) as store:
        assert not store.rebuild_due


def test_a_rebuild_of_the_same_catalogue_changes_nothing(store: Store) -> None:
    store.commit([staged([event(str(n), subject=f"p:{n:08x}") for n in range(20)])])
    assert store.rebuild().effects == 0


def test_another_time_zone_is_refused(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        store.commit([staged([event("1")])])
    with pytest.raises(ConfigurationError, match="Europe/Copenhagen, but Pacific/Apia"):
        open_store(tmp_path, time_zone="Pacific/Apia")


def test_without_a_catalogue_the_one_it_was_used_with_counts(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="knows no catalogue yet"):
        Store.open(tmp_path / "new")
    with open_store(tmp_path / "s"):
        pass
    with Store.open(tmp_path / "s", translation=SmallTranslation(), amender=amend) as store:
        assert store.catalogue == CATALOGUE


def test_sent_effects_are_remembered(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        assert store.effects_sent_through() == 0
        store.note_effects_sent(7)
    with open_store(tmp_path) as store:
        assert store.effects_sent_through() == 7


def test_names_of_dropped_fields_are_counted(store: Store) -> None:
    store.commit([staged([event("1")], dropped=[("employment.benefit_ended", "colour", 2)])])
    assert store.connection.execute("FROM dropped_field").fetchall() == [(1, "employment.benefit_ended", "colour", 2)]


def test_too_little_memory_is_told_apart_from_other_faults(tmp_path: Path) -> None:
    with pytest.raises(StoreMemoryError, match="smaller batches"), clear_errors(tmp_path):
        raise duckdb.OutOfMemoryException("could not allocate block")
