"""Backup of a store in one file, beside a running worker or at rest.

A backup is a tar archive in zstandard: the store's file, the key of its notes of erased subjects, every other file that is kept in the
folder, and last `manifest.json` with a checksum of each and the offsets at which reading goes on. It holds pseudonymised persons: it is
made `0600`, and expires. Beside the backups stands `erasures.json`: keyed hashes of everybody who was erased, so that no backup brings
anybody back.
"""

import datetime as dt
import hashlib
import io
import json
import os
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, BinaryIO, cast

import duckdb
import zstandard

from models.errors import ConfigurationError, StoreError
from pipelines.beside_worker import store_file
from pipelines.database import FILE, SCHEMA_VERSION, quoted, sync
from pipelines.erasure import key_id
from pipelines.snapshot import ASKED, BACKUP_NOTE, REFUSED

FORMAT = 1
SUFFIX = ".backup"
MANIFEST = "manifest.json"
ERASURES = "erasures.json"
KEY = "erasure.key"
KEEP_DAYS = 30
"""An erasure must have taken effect everywhere within a month; an older backup would still hold the person."""
LEVEL = 3
NOT_KEPT = (FILE, FILE + ".wal", "lease", "snapshot.lock", BACKUP_NOTE)
CHUNK = 1 << 20


@dataclass(frozen=True)
class Backup:
    """A finished backup. offsets: `feed[part]` -> where reading goes on; expired: older ones that were deleted."""

    file: str
    bytes: int
    made_at: str
    batch: int
    events: int
    offsets: dict[str, int]
    files: dict[str, str]
    expired: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """For scripts."""
        return asdict(self)

    def sentence(self) -> str:
        """For people."""
        gone = f"; {len(self.expired)} older than allowed were deleted" if self.expired else ""
        what = f"backup of {self.events:,} events up to batch {self.batch}"
        return f"{what} in {self.file} ({self.bytes / 1e6:,.1f} MB, checksums read again){gone}"


def back_up(store_folder: Path, to: Path, *, keep_days: int = KEEP_DAYS, now: dt.datetime | None = None) -> Backup:
    """Write a backup, read it again, and let older ones expire.

    to         a folder, where the file gets a name of its own, or a new file ending in `.backup`; nothing is ever overwritten
    keep_days  backups in that folder older than this are deleted, but never the newest
    raises     ConfigurationError (no store, or the file exists), StoreBusyError, StoreError (what was written does not read back)
    """
    made_at = (now or dt.datetime.now(dt.UTC)).replace(microsecond=0)
    target = to if to.suffix == SUFFIX else to / f"kerneeffekt-{made_at:%Y%m%dT%H%M%SZ}{SUFFIX}"
    if target.exists():
        raise ConfigurationError(f"{target} exists already: a backup is never overwritten; name another file")
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    unfinished = target.with_name(target.name + ".unfinished")
    try:
        with store_file(store_folder) as file:
            about, notes = _facts(file), _notes(file)
            with _new_file(unfinished) as written:
                _write(written, file, store_folder, about | {"format": FORMAT, "made_at": made_at.isoformat()})
        manifest = verify(unfinished)
        os.link(unfinished, target)  # fails where the name was taken meanwhile
        sync(target.parent)
    except FileExistsError:
        raise ConfigurationError(f"{target} exists already: a backup is never overwritten; name another file") from None
    finally:
        unfinished.unlink(missing_ok=True)
    _remember_erasures(target.parent, _key_id(store_folder), notes)
    expired = _expire(target.parent, made_at - dt.timedelta(days=keep_days), target)
    made = _described(target, manifest, expired)
    note = {"file": str(target), "made_at": made.made_at, "batch": made.batch}
    _write_private(store_folder / BACKUP_NOTE, json.dumps(note).encode())
    return made


def verify(backup: Path) -> dict[str, Any]:
    """Read a backup to its end and hold every file against its checksum; returns the manifest.

    raises StoreError when it is damaged or not a backup.
    """
    found: dict[str, str] = {}
    manifest: dict[str, Any] = {}
    with damage_said(backup):
        for name, stream in members(backup):
            if name == MANIFEST:
                manifest = json.load(stream)
            else:
                digest = hashlib.sha256()
                while piece := stream.read(CHUNK):
                    digest.update(piece)
                found[name] = digest.hexdigest()
    require_whole(backup, manifest, found)
    return manifest


def require_whole(backup: Path, manifest: dict[str, Any], found: dict[str, str]) -> None:
    """Refuse a backup whose files are not those that its manifest names."""
    if manifest.get("format") != FORMAT or FILE not in found:
        raise _damaged(backup, "it has no manifest of this version at its end")
    if manifest["files"] != found:
        wrong = sorted(name for name in {*manifest["files"], *found} if manifest["files"].get(name) != found.get(name))
        raise _damaged(backup, f"{', '.join(wrong)} differs from its checksum")


def members(backup: Path) -> Iterator[tuple[str, BinaryIO]]:
    """Name and content of each file in a backup, in order; read each before asking for the next, inside `damage_said`.

    raises StoreError where a name could lead out of the folder that it is restored to.
    """
    with backup.open("rb") as raw, zstandard.ZstdDecompressor().stream_reader(raw) as packed:
        with tarfile.open(fileobj=packed, mode="r|") as archive:
            for member in archive:
                content = archive.extractfile(member) if member.isreg() else None
                if content is None or member.name != Path(member.name).name or member.name.startswith("."):
                    raise _damaged(backup, "it holds something that no backup holds")
                yield member.name, cast(BinaryIO, content)
        while packed.read(CHUNK):
            pass  # to the end, so that the last checksum of the packing is looked at too


@contextmanager
def damage_said(backup: Path) -> Iterator[None]:
    """One sentence for what goes wrong while a backup is read: StoreError (damaged) or ConfigurationError (there is none)."""
    try:
        yield
    except FileNotFoundError:
        raise ConfigurationError(f"there is no backup {backup}: check the path") from None
    except (tarfile.TarError, zstandard.ZstdError, EOFError, ValueError) as error:
        raise _damaged(backup, f"it cannot be unpacked ({type(error).__name__})") from error


def erasures_beside(backup: Path, key_id: str) -> set[str]:
    """Notes of everybody erased under this key, as the backups' folder remembers them."""
    file = backup.parent / ERASURES
    return set(json.loads(file.read_text(encoding="utf-8")).get(key_id, ())) if file.exists() else set()


def _key_id(store_folder: Path) -> str:
    return key_id((store_folder / KEY).read_bytes())


def _damaged(backup: Path, why: str) -> StoreError:
    return StoreError(f"the backup {backup} cannot be used: {why}; take another one")


def _facts(file: Path) -> dict[str, Any]:
    with _reading(file) as connection:
        offsets = connection.execute("SELECT feed, part, next_offset FROM feed_offset ORDER BY ALL").fetchall()
        one = connection.execute("SELECT coalesce(max(batch), 0), (SELECT count(*) FROM event) FROM batch").fetchall()[0]
    return {
        "schema_version": SCHEMA_VERSION,
        "batch": one[0],
        "events": one[1],
        "offsets": {f"{feed}[{part}]": offset for feed, part, offset in offsets},
    }


def _notes(file: Path) -> list[str]:
    with _reading(file) as connection:
        return [note for (note,) in connection.execute("SELECT DISTINCT subject_hash FROM erasure ORDER BY 1").fetchall()]


@contextmanager
def _reading(file: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        connection.execute(f"ATTACH {quoted(file)} AS store (READ_ONLY); USE store")
        yield connection


@contextmanager
def _new_file(path: Path) -> Iterator[BinaryIO]:
    path.unlink(missing_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        yield file
        file.flush()
        os.fsync(file.fileno())


def _write(target: BinaryIO, file: Path, store_folder: Path, manifest: dict[str, Any]) -> None:
    sums: dict[str, str] = {}
    packer = zstandard.ZstdCompressor(level=LEVEL, write_checksum=True)
    with packer.stream_writer(target, closefd=False) as packed, tarfile.open(fileobj=packed, mode="w|") as archive:
        sums[FILE] = _add(archive, FILE, file)
        for kept in _kept_beside(store_folder):
            sums[kept.name] = _add(archive, kept.name, kept)
        text = json.dumps(manifest | {"files": sums}, indent=1).encode()
        archive.addfile(_member(MANIFEST, len(text)), io.BytesIO(text))


def _kept_beside(store_folder: Path) -> list[Path]:
    """Files of the store's folder that belong to it, beside its database: key, logs of looks, and whatever later parts keep there."""
    return sorted(
        file
        for file in store_folder.iterdir()
        if file.is_file()
        and not file.is_symlink()
        and file.name not in NOT_KEPT
        and not file.name.startswith((".", "store.new."))
        and file.suffix not in (ASKED, REFUSED, ".new", ".tmp")
    )


def _add(archive: tarfile.TarFile, name: str, file: Path) -> str:
    """Add a file as it is at this moment (a log may grow meanwhile); returns its checksum."""
    size = file.stat().st_size
    with file.open("rb") as content:
        summed = _Summed(content, size)
        archive.addfile(_member(name, size), cast(Any, summed))
    return summed.digest.hexdigest()


def _member(name: str, size: int) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.size, member.mode = size, 0o600
    return member


class _Summed:
    """A file that is summed while it is read, up to the size that it had."""

    def __init__(self, file: BinaryIO, size: int) -> None:
        self._file, self._left, self.digest = file, size, hashlib.sha256()

    def read(self, n: int = -1) -> bytes:
        piece = self._file.read(self._left if n < 0 else min(n, self._left))
        self._left -= len(piece)
        self.digest.update(piece)
        return piece


def _remember_erasures(folder: Path, key: str, notes: list[str]) -> None:
    file = folder / ERASURES
    known: dict[str, list[str]] = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    known[key] = sorted({*known.get(key, ()), *notes})
    _write_private(file, json.dumps(known).encode())


def _write_private(path: Path, content: bytes) -> None:
    unfinished = path.with_name(path.name + ".new")
    with _new_file(unfinished) as file:
        file.write(content)
    os.replace(unfinished, path)
    sync(path.parent)


def _expire(folder: Path, before: dt.datetime, newest: Path) -> tuple[str, ...]:
    """Delete this program's own backups in the folder that were made before an instant; by their names, whatever the files' times say."""
    old = [file for file in folder.glob(f"kerneeffekt-*{SUFFIX}") if file != newest and file.stem < f"kerneeffekt-{before:%Y%m%dT%H%M%SZ}"]
    for file in old:
        file.unlink()
    return tuple(sorted(file.name for file in old))


def _described(target: Path, manifest: dict[str, Any], expired: tuple[str, ...] = ()) -> Backup:
    return Backup(
        file=str(target),
        bytes=target.stat().st_size,
        made_at=manifest["made_at"],
        batch=manifest["batch"],
        events=manifest["events"],
        offsets=manifest["offsets"],
        files=manifest["files"],
        expired=expired,
    )
