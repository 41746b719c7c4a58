"""A store from a backup: every checksum and invariant looked at, and whoever was erased since erased again, before anybody may use it."""

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from models.errors import ConfigurationError, StoreError
from pipelines.backup import CHUNK, MANIFEST, damage_said, erasures_beside, members, require_whole
from pipelines.database import FILE, SCHEMA_VERSION, sync
from pipelines.intake import Intake
from pipelines.invariants import violations
from pipelines.lease import Lease
from pipelines.store import Store

STAGE = ".restoring"
SOURCE = "urn:kerneeffekt:restore"
HARMLESS = ("lease", "snapshot.lock", "lost+found", STAGE)
"""What may lie in a folder that a store is restored to."""


@dataclass(frozen=True)
class Restored:
    """What a restore did. erased: subjects of the backup that were erased after it was made; offsets: where the worker goes on reading."""

    store: str
    backup: str
    made_at: str
    batch: int
    events: int
    erased: int
    offsets: dict[str, int]
    drill: bool

    def as_dict(self) -> dict[str, Any]:
        """For scripts."""
        return asdict(self)

    def sentence(self) -> str:
        """For people."""
        what = "the drill passed: " if self.drill else ""
        again = f"; {self.erased} subjects that were erased since are erased again" if self.erased else ""
        then = "" if self.drill else "; start the worker: it reads on at the store's offsets"
        return f"{what}{self.events:,} events of {self.made_at}, checksums and invariants hold{again}{then}"


def restore(backup: Path, store_folder: Path, *, drill: bool = False) -> Restored:
    """Make a store from a backup.

    store_folder  a folder without a store; with `drill` a folder in which the store is made and thrown away again
    raises        ConfigurationError (there is a store already, no such backup), StoreError (the backup or what came of it is not sound:
                  nothing is left behind)
    """
    if drill:
        store_folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix="drill-", dir=store_folder) as folder:
            return _restore(backup, Path(folder), drill=True)
    return _restore(backup, store_folder, drill=False)


def _restore(backup: Path, store_folder: Path, *, drill: bool) -> Restored:
    _require_no_store(store_folder)
    with _stage(store_folder) as stage, Lease(store_folder, "restore"):
        manifest = _unpack(backup, stage)
        erased = _made_sound(backup, stage)
        _put_in_place(stage, store_folder)
    kept = {name: manifest[name] for name in ("made_at", "batch", "events", "offsets")}
    return Restored(store=str(store_folder), backup=str(backup), erased=erased, drill=drill, **kept)


def _require_no_store(folder: Path) -> None:
    found = sorted(file.name for file in folder.iterdir() if file.name not in HARMLESS) if folder.exists() else []
    if found:
        raise ConfigurationError(
            f"{folder} is not empty ({found[0]} is there): a restore overwrites nothing; move the old store aside, or name another folder"
        )


@contextmanager
def _stage(store_folder: Path) -> Iterator[Path]:
    """A folder on the store's own volume, gone afterwards whatever happens."""
    stage = store_folder / STAGE
    shutil.rmtree(stage, ignore_errors=True)
    stage.mkdir(mode=0o700, parents=True)
    try:
        yield stage
    finally:
        shutil.rmtree(stage, ignore_errors=True)


def _unpack(backup: Path, stage: Path) -> dict[str, Any]:
    found: dict[str, str] = {}
    manifest: dict[str, Any] = {}
    with damage_said(backup):
        for name, stream in members(backup):
            if name == MANIFEST:
                manifest = json.load(stream)
                continue
            digest = hashlib.sha256()
            with os.fdopen(os.open(stage / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                while piece := stream.read(CHUNK):
                    digest.update(piece)
                    file.write(piece)
            found[name] = digest.hexdigest()
    require_whole(backup, manifest, found)
    if manifest["schema_version"] != SCHEMA_VERSION:
        raise StoreError(
            f"the backup {backup} is of another schema than this version of Kerneeffekt; restore it with the version that made it"
        )
    return manifest


def _made_sound(backup: Path, stage: Path) -> int:
    """Open what was unpacked, look at its invariants, erase again; returns how many subjects were."""
    with Store.open(stage) as store:
        erased = _erase_again(store, erasures_beside(backup, store.erasure.key_id) - set(store.erasure.noted()))
        broken = [name for name, n in violations(store.connection).items() if n]
    if broken:
        raise StoreError(f"the backup {backup} was made of a store that was not sound ({', '.join(broken)}); take an earlier one")
    return erased


def _erase_again(store: Store, notes: set[str]) -> int:
    """Erase the subjects of these notes as their erasure event would, and turn away what comes of them later."""
    present = store.erasure.present(notes) if notes else []
    if present and store.rebuild_due:
        store.rebuild()  # another version of this program made the effects; none is changed under its hands otherwise
    if present:
        feed = "erased since the backup"
        first = store.offsets().get((feed, 0), 0)
        orders = [_order(store.erasure.note(subject), subject) for subject in present]
        store.commit([Intake(store.time_zone, threads=1).read(feed, 0, first, orders)])
    store.take_over_erasures(notes)
    return len(present)


def _order(id_: str, subject: str) -> bytes:
    event = {
        "specversion": "1.0",
        "id": id_,
        "source": SOURCE,
        "type": "dk.kerneopgave.privacy.subject_erased.v1",
        "subject": subject,
        "time": "2000-01-01T00:00:00Z",
        "data": {"legal_basis": "repeated_after_restore"},
    }
    return json.dumps(event).encode()


def _put_in_place(stage: Path, store_folder: Path) -> None:
    """The database last: a folder without it is no store yet."""
    kept = [file for file in stage.iterdir() if file.is_file() and file.name not in ("lease", "snapshot.lock")]
    for file in sorted(kept, key=lambda file: file.name == FILE):
        sync(file)
        os.replace(file, store_folder / file.name)
    sync(store_folder)
