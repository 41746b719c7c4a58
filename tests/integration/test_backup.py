"""Backup and restore of a store: whole or refused, private, never over anything, and nobody who was erased comes back."""

import datetime as dt
import os
import shutil
import threading
from pathlib import Path

import pytest
import zstandard

from models.errors import ConfigurationError, StoreError
from pipelines.backup import ERASURES, back_up, verify
from pipelines.database import FILE
from pipelines.invariants import outcome_hashes, run_hashes, violations
from pipelines.restore import restore
from pipelines.snapshot import BACKUP_NOTE, answer_request
from tests.store_factories import bad, correction, counts, erasure, event, open_store, staged

GONE, STAYS = "p:deadbeefdeadbeef", "p:0123456789abcdef"
WORK = "employment.placement_started"
DAY = dt.datetime(2026, 3, 1, 3, 0, tzinfo=dt.UTC)


def filled(folder: Path) -> Path:
    """A store with two subjects, a conflict, a correction and rejected records."""
    raw = b'{"subject": "' + GONE.encode() + b'", "broken'
    with open_store(folder) as store:
        of_gone = [event("1", subject=GONE), event("2", WORK, GONE, 3), event("1", subject=GONE, unit="u2"), bad(raw)]
        store.commit([staged([*of_gone, event("3", subject=STAYS), event("4", WORK, STAYS, 5), correction("c", "4", 9)])])
    (folder / "explain.log").write_text("a look\n", encoding="utf-8")
    return folder


@pytest.mark.security("S29")
def test_a_restored_store_is_the_one_that_was_backed_up(tmp_path):
    with open_store(filled(tmp_path / "store")) as store:
        before = run_hashes(store.connection), store.offsets()
    made = back_up(tmp_path / "store", tmp_path / "backups", now=DAY)
    assert Path(made.file).name == "kerneeffekt-20260301T030000Z.backup"
    assert made.offsets == {"kerneeffekt.employment[0]": 7}
    shutil.rmtree(tmp_path / "store")
    done = restore(Path(made.file), tmp_path / "store")
    assert (done.events, done.erased, done.offsets) == (made.events, 0, made.offsets)
    with open_store(tmp_path / "store") as store:
        assert (run_hashes(store.connection), store.offsets()) == before
        store.commit([staged([event("5", subject=STAYS)], first=7)])
    assert (tmp_path / "store" / "explain.log").read_text(encoding="utf-8") == "a look\n"


@pytest.mark.security("S23")
def test_every_file_is_for_its_owner_only(tmp_path):
    made = back_up(filled(tmp_path / "store"), tmp_path / "backups")
    restore(Path(made.file), tmp_path / "again")
    private = [Path(made.file), tmp_path / "backups" / ERASURES, tmp_path / "store" / BACKUP_NOTE]
    private += [file for file in (tmp_path / "again").iterdir() if file.name != "lease"]
    assert {file.name: oct(file.stat().st_mode & 0o777) for file in private if file.stat().st_mode & 0o777 != 0o600} == {}
    assert (tmp_path / "backups").stat().st_mode & 0o777 == 0o700


def test_nothing_is_ever_overwritten(tmp_path):
    store = filled(tmp_path / "store")
    back_up(store, tmp_path / "backups", now=DAY)
    with pytest.raises(ConfigurationError, match="exists already"):
        back_up(store, tmp_path / "backups", now=DAY)
    with pytest.raises(ConfigurationError, match="overwrites nothing"):
        restore(tmp_path / "backups" / "kerneeffekt-20260301T030000Z.backup", store)
    with pytest.raises(ConfigurationError, match="there is no backup"):
        restore(tmp_path / "backups" / "other.backup", tmp_path / "new")
    assert not any((tmp_path / "new").glob("*.duckdb"))


@pytest.mark.security("S5")
def test_old_backups_expire_and_the_newest_never_does(tmp_path):
    store, folder = filled(tmp_path / "store"), tmp_path / "backups"
    for days in (0, 5, 40):
        made = back_up(store, folder, keep_days=30, now=DAY + dt.timedelta(days=days))
    assert made.expired == ("kerneeffekt-20260301T030000Z.backup", "kerneeffekt-20260306T030000Z.backup")
    assert [file.name for file in folder.glob("*.backup")] == [Path(made.file).name]


def test_a_running_worker_gives_the_copy_between_two_batches(tmp_path):
    with open_store(filled(tmp_path / "store")) as store:
        ending = threading.Event()
        made = []
        asker = threading.Thread(target=lambda: (made.append(back_up(tmp_path / "store", tmp_path / "backups")), ending.set()))
        asker.start()
        while not ending.is_set():
            answer_request(store)
            ending.wait(0.02)
        asker.join()
        store.commit([staged([event("5", subject=STAYS)], first=7)])
        now = outcome_hashes(store.connection)
    assert list((tmp_path / "store" / "snapshot").glob("*")) == []
    assert restore(Path(made[0].file), tmp_path / "again").offsets == {"kerneeffekt.employment[0]": 7}
    with open_store(tmp_path / "again") as store:
        store.commit([staged([event("5", subject=STAYS)], first=7)])
        assert outcome_hashes(store.connection) == now


@pytest.mark.parametrize("share", [0.0, 0.02, 0.3, 0.7, 0.98, 0.999])
@pytest.mark.security("S16")
def test_a_backup_with_one_byte_changed_or_its_end_missing_is_refused(tmp_path, share):
    made = Path(back_up(filled(tmp_path / "store"), tmp_path / "one.backup").file)
    whole = made.read_bytes()
    at = int(len(whole) * share)
    for damaged in (whole[:at] + bytes([whole[at] ^ 0x10]) + whole[at + 1 :], whole[:at]):
        made.write_bytes(damaged)
        with pytest.raises(StoreError, match="cannot be used"):
            restore(made, tmp_path / "again")
        assert [file.name for file in (tmp_path / "again").iterdir() if file.name != "lease"] == []
    made.write_bytes(whole)
    verify(made)


@pytest.mark.security("S16")
def test_names_that_lead_elsewhere_are_refused(tmp_path):
    import io
    import tarfile

    for name in ("../evil", "/etc/evil", ".hidden", "a/b"):
        packed = io.BytesIO()
        with tarfile.open(fileobj=packed, mode="w") as archive:
            archive.addfile(tarfile.TarInfo(name))
        (tmp_path / "evil.backup").write_bytes(zstandard.compress(packed.getvalue()))
        with pytest.raises(StoreError, match="something that no backup holds"):
            restore(tmp_path / "evil.backup", tmp_path / "again")


@pytest.mark.security("S4")
def test_a_subject_erased_after_the_backup_does_not_come_back(tmp_path):
    """S4: nothing of the subject is in the restored files, byte for byte, and what comes of it later is turned away."""
    with open_store(tmp_path / "store") as store:
        store.connection.execute("PRAGMA force_compression='uncompressed'")
    old = back_up(filled(tmp_path / "store"), tmp_path / "backups", now=DAY)
    with open_store(tmp_path / "store") as store:
        store.commit([staged([erasure("x", GONE)], first=7)])
    back_up(tmp_path / "store", tmp_path / "backups", now=DAY + dt.timedelta(days=1))
    shutil.rmtree(tmp_path / "store")
    done = restore(Path(old.file), tmp_path / "store")
    assert done.erased == 1
    left = b"".join(file.read_bytes() for file in (tmp_path / "store").rglob("*") if file.is_file())
    assert GONE.encode() not in left
    with open_store(tmp_path / "store") as store:
        store.rebuild()  # the small translation of these tests is another one than the catalogue's
        store.commit([staged([erasure("x", GONE), event("9", subject=GONE), event("8", subject=STAYS)], first=7)])
        assert store.connection.execute("SELECT count(*) FROM event WHERE subject = ?", [GONE]).fetchone() == (0,)
        assert not any(violations(store.connection).values())
        assert counts(store)[4] >= 6


def test_notes_of_another_store_do_not_matter(tmp_path):
    made = back_up(filled(tmp_path / "store"), tmp_path / "backups")
    with open_store(filled(tmp_path / "other")) as store:
        store.commit([staged([erasure("x", GONE)], first=7)])
    back_up(tmp_path / "other", tmp_path / "backups" / "other.backup")
    assert restore(Path(made.file), tmp_path / "again").erased == 0


@pytest.mark.security("S29")
def test_a_drill_leaves_nothing_behind(tmp_path):
    made = back_up(filled(tmp_path / "store"), tmp_path / "backups")
    before = sorted(os.listdir(tmp_path / "store"))
    done = restore(Path(made.file), tmp_path / "store", drill=True)
    assert done.sentence().startswith("the drill passed: ")
    assert sorted(os.listdir(tmp_path / "store")) == before


def test_there_must_be_a_store(tmp_path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(ConfigurationError, match=f"expected {FILE} there"):
        back_up(tmp_path / "empty", tmp_path / "backups")
    assert list((tmp_path / "backups").glob("*")) == []
