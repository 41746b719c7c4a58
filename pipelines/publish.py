"""Publication: a whole new version becomes visible at once, or the last one stays.

A version is built as a new folder that holds public tables only, passes the quality gate, is put on the disk, gets its name by a rename,
and is named by CURRENT through an atomic replacement. Readers never wait and never see half of anything; a version is never changed.

`publish` needs the store for itself while it counts, or a copy of it as `source`. Beside a running worker `pipelines/snapshot.py` asks the
worker for one: a copy of a file that another process is writing is not safe, since its log may be merged while one reads.
"""

import datetime as dt
import fcntl
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb

from models.catalogue import Audience, Catalogue
from models.errors import ConfigurationError, KerneeffektError, StoreBusyError, StoreError
from models.registry import EVENT_TYPES
from outcomes.translation import compile_translation
from pipelines import database
from pipelines.approvals import locked_now, read_register
from pipelines.at_rest import at_rest
from pipelines.before import held_against
from pipelines.contract import CONTRACT_FILE, write_contract
from pipelines.crashpoints import crashpoint
from pipelines.judging import REFUSAL, Candidate, Gate, judged, publication_before
from pipelines.known_at import fill_as_known, workshop
from pipelines.manifest import manifest_of
from pipelines.mart import build_mart, quoted
from pipelines.parquet_files import write_parquet_files
from pipelines.published import CURRENT, MART_FILE, current_manifest, current_version, required_version
from pipelines.reference_tables import may_be_shown
from pipelines.settings_kept import Kept, catalogue_text, translation_hash
from pipelines.timings import Timings
from pipelines.views import add_views

CATALOGUE_FILE = "catalogue.json"
"""The definitions that a version was made by, so that they can be applied again when it is compared with another."""

__all__ = [
    "CURRENT",
    "MART_FILE",
    "REFUSAL",
    "Publication",
    "current_version",
    "open_current",
    "publish",
    "require_same_translation",
]

STAGE_PREFIX, STAGE_SUFFIX = ".", ".tmp"


@dataclass(frozen=True)
class Publication:
    """One version that readers can open."""

    version: str
    folder: Path
    manifest: dict[str, Any]


def publish(
    store_dir: Path,
    catalogue: Catalogue,
    to: Path,
    as_of: dt.date | None = None,
    known_at: dt.datetime | None = None,
    *,
    source: Path | None = None,
    gate: Gate | None = None,
    keep_days: int | None = None,
    audience: str | None = None,
) -> Publication:
    """Build the mart of a store, pass it through the gate, and make it the current version.

    as_of     the day on which figures are counted; None: today in the municipality's time zone
    known_at  as it was known at this instant; None: everything recorded
    gate      in place of the gate's own process (tests)
    audience  of the catalogue, for whom it is made; None: everybody. A folder is for one audience, always
    keep_days how long versions stay readable at least, as the contract promises it; None: nothing is deleted
    source    a private copy of the store file, made under the writer's lock; None: the store itself, which nobody else may have open
    raises    QualityGateError when the gate refuses (the last version stays), StoreBusyError while a worker has the store,
              StoreError when there is no store or the disk is full, ConfigurationError when the store needs a rebuild for this catalogue
    """
    told_to = _audience(catalogue, audience)
    catalogue = catalogue.told_to(told_to) if told_to else catalogue
    now = dt.datetime.now(dt.UTC)
    asked = as_of or now.astimezone(ZoneInfo(catalogue.municipality.time_zone)).date()
    version = now.strftime("v%Y%m%dT%H%M%S%f")
    timings = Timings()
    with _publishing(to):
        _require_same_audience(to, told_to)
        stage = to / f"{STAGE_PREFIX}{version}{STAGE_SUFFIX}"
        stage.mkdir(mode=0o755)
        try:
            with _full_disk_said(to), _counted(store_dir, source, catalogue, known_at) as file:
                last_batch, erased = _of_store(file, "max(batch) FROM batch"), _of_store(file, "count(*) FROM erasure")
                locked = tuple(locked_now(read_register(to), known_at))
                with timings.step("build"):
                    build_mart(file, catalogue, stage / MART_FILE, asked, known_at, snapshot_id=version, locked=locked, timings=timings)
                add_views(stage / MART_FILE)
            crashpoint("publish_after_build")
            with timings.step("gate"):
                verdict = judged(Candidate(stage / MART_FILE, to, version, catalogue, asked, known_at), gate)
            crashpoint("publish_after_gate")
            with _full_disk_said(to):
                with timings.step("before"):
                    before = publication_before(to, catalogue, asked, known_at)
                    held = held_against(stage / MART_FILE, before, catalogue.municipality.k)
                manifest = _finish(
                    stage,
                    catalogue,
                    timings,
                    version=version,
                    as_of=asked,
                    known_at=known_at,
                    published_at=now,
                    last_batch=last_batch,
                    erased=erased > 0,
                    verdict=verdict,
                    keep_days=keep_days,
                    audience=told_to,
                    held=held,
                )
                return _make_current(stage, to, version, manifest)
        except BaseException:
            shutil.rmtree(stage, ignore_errors=True)
            raise


def open_current(published: Path) -> tuple[str, duckdb.DuckDBPyConnection]:
    """(version, connection): the current version, attached read-only as `mart` and used, in a connection that can open nothing else.

    Attached to an in-memory database, never connected to, since DuckDB keeps one instance per path and process.
    raises   ConfigurationError when nothing has been published there
    """
    version = required_version(published)
    connection = duckdb.connect(config={"autoinstall_known_extensions": False, "autoload_known_extensions": False})
    connection.execute(f"ATTACH {quoted(published / version / MART_FILE)} AS mart (READ_ONLY); USE mart")
    connection.execute("SET enable_external_access = false; SET lock_configuration = true")
    return version, connection


def _audience(catalogue: Catalogue, name: str | None) -> Audience | None:
    if name is None:
        return None
    found = catalogue.audience(name)
    if found is None:
        known = ", ".join(one.id for one in catalogue.municipality.audiences) or "none"
        raise ConfigurationError(
            f"the catalogue has no audience {name}: expected one of `audiences` in municipality.yaml, which has {known}"
        )
    return found


def _require_same_audience(to: Path, asked: Audience | None) -> None:
    """Two profiles in one folder would be read by the same people, and their difference would tell what either hides."""
    if current_version(to) is None:
        return
    before = (current_manifest(to).get("audience") or {}).get("id")
    wanted = asked.id if asked else None
    if before != wanted:
        raise ConfigurationError(
            f"{to} holds publications for {before or 'everybody'}, and this one is for {wanted or 'everybody'}: "
            "publish it to a folder of its own"
        )


@contextmanager
def _publishing(to: Path) -> Iterator[None]:
    """One publication at a time into a folder; what a killed one left behind is cleared away first."""
    try:
        to.mkdir(parents=True, exist_ok=True)
        lock = os.open(to / ".publishing", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise ConfigurationError(f"cannot publish to {to}: {error.strerror}; expected a folder that this user may write") from error
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise StoreBusyError(f"another process is publishing to {to}; wait for it to end") from error
        for stale in to.glob(f"{STAGE_PREFIX}v*{STAGE_SUFFIX}"):
            shutil.rmtree(stale, ignore_errors=True)
        yield
    finally:
        os.close(lock)


@contextmanager
def _counted(store_dir: Path, source: Path | None, catalogue: Catalogue, known_at: dt.datetime | None) -> Iterator[Path]:
    """The database file to count: the store itself under its lease, a copy, or either as it was known at an instant."""
    with at_rest(store_dir, source) as file:
        if known_at is None:
            require_same_translation(file, catalogue)
            yield file
            return
        with workshop(store_dir) as folder:
            fill_as_known(file, folder / database.FILE, catalogue, known_at)
            yield folder / database.FILE


def require_same_translation(file: Path, catalogue: Catalogue) -> None:
    """Effects made by another translation would be counted under this catalogue's names."""
    with _reading(file) as connection:
        made_by = Kept(connection).get("translation_hash")
    if made_by is not None and made_by != translation_hash(compile_translation(catalogue, EVENT_TYPES)):
        raise ConfigurationError(
            "the store's effects were made with another catalogue: run `kerneeffekt rebuild` with this one, then publish again"
        )


def _of_store(file: Path, what: str) -> int:
    """A number of a store file; `what` is our own text."""
    with _reading(file) as connection:
        row = connection.execute(f"SELECT {what}").fetchone()
    return int(row[0] or 0) if row else 0


@contextmanager
def _reading(file: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    connection = duckdb.connect()
    try:
        connection.execute(f"ATTACH {quoted(file)} AS store (READ_ONLY); USE store")
        yield connection
    finally:
        connection.close()


@contextmanager
def _mart(mart: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    connection = duckdb.connect()
    try:
        connection.execute(f"ATTACH {quoted(mart)} AS mart (READ_ONLY)")
        yield connection
    finally:
        connection.close()


def _finish(stage: Path, catalogue: Catalogue, timings: Timings, **facts: Any) -> dict[str, Any]:
    """Write Parquet, contract, gate result and manifest beside the mart, and put all of it on the disk."""
    shutil.rmtree(stage / "spill", ignore_errors=True)
    with _mart(stage / MART_FILE) as connection:
        with timings.step("hashes"):
            manifest = manifest_of(connection, catalogue, **facts)
        with timings.step("parquet"):
            write_parquet_files(connection, stage)
    (stage / CATALOGUE_FILE).write_text(catalogue_text(_shown(catalogue)) + "\n", encoding="utf-8")
    write_contract(stage / CONTRACT_FILE, manifest)
    _write_json(stage / "gate.json", manifest["gate"])
    manifest |= {"timings": timings.as_dict()}
    _write_json(stage / "manifest.json", manifest)
    for file in stage.iterdir():
        database.sync(file)
    database.sync(stage)
    return manifest


def _shown(catalogue: Catalogue) -> Catalogue:
    """A catalogue without the references whose rows tell of few persons."""
    shown = tuple(one for one in catalogue.references if may_be_shown(one, catalogue.municipality.k))
    return catalogue if shown == catalogue.references else catalogue.model_copy(update={"references": shown})


def _make_current(stage: Path, to: Path, version: str, manifest: dict[str, Any]) -> Publication:
    crashpoint("publish_before_rename")
    folder = to / version
    os.rename(stage, folder)
    database.sync(to)
    crashpoint("publish_after_rename")
    fresh = to / f"{CURRENT}.tmp"
    fresh.write_text(version + "\n", encoding="utf-8")
    database.sync(fresh)
    os.replace(fresh, to / CURRENT)
    database.sync(to)
    crashpoint("publish_after_current")
    return Publication(version, folder, manifest)


@contextmanager
def _full_disk_said(to: Path) -> Iterator[None]:
    """Turn what DuckDB says of disk and memory into one clear sentence."""
    try:
        yield
    except KerneeffektError:
        raise
    except duckdb.OutOfMemoryException as error:
        raise StoreError(f"DuckDB ran out of memory while building a version in {to}: the last one stays; give it more memory") from error
    except duckdb.IOException as error:
        what = "no space left" if "No space left" in str(error) else "DuckDB cannot read or write"
        raise StoreError(f"{what} while building a version in {to}: the last one stays; check the disk and publish again") from error


def _write_json(path: Path, value: dict[str, Any]) -> None:
    path.write_text(json.dumps(value, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
