"""As we knew it: the translation over what was known and nothing else, in a database of its own.

Two limits say what was known: when the source recorded an event (`recordedtime`), and with which batch it arrived. The first answers *as we
knew it at K*, from the events alone; both together answer *what did that publication rest on*.
"""

import datetime as dt
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import duckdb
import pyarrow as pa

from models.catalogue import Catalogue
from models.registry import EVENT_TYPES
from outcomes.translation import compile_translation
from pipelines.corrections import Amender, Corrections
from pipelines.database import Resources, clear_errors, connect, quoted
from pipelines.loading import load
from pipelines.sql_texts import sql
from pipelines.store import REBUILD_SUBJECTS, extraction
from pipelines.tally import Tally
from pipelines.versions import EffectVersions, Translation

EventKind = Literal["event", "correction", "organisation", "ledger"]
EVENT_KINDS: tuple[EventKind, ...] = ("event", "correction", "organisation", "ledger")
"""Kinds of events that knowledge is told apart by: what happened to subjects, corrections of anything, units, money."""

_WORKSHOP = "known-"


@dataclass(frozen=True)
class Frontier:
    """Up to where events were known.

    recorded_at    recorded by the source up to this instant, with a zone or in UTC; None: whenever
    through_batch  arrived with this batch or an earlier one; None: whenever
    """

    recorded_at: dt.datetime | None = None
    through_batch: int | None = None

    @property
    def instant(self) -> dt.datetime | None:
        """The instant as the store writes it: UTC without a zone."""
        at = self.recorded_at
        return at.astimezone(dt.UTC).replace(tzinfo=None) if at is not None and at.tzinfo else at


Knowledge = dict[EventKind, Frontier]
"""What was known of each kind of events."""


def known_by(recorded_at: dt.datetime | None = None, through_batch: int | None = None) -> Knowledge:
    """The same frontier for every kind of events."""
    return dict.fromkeys(EVENT_KINDS, Frontier(recorded_at, through_batch))


def fill_as_known(
    store_file: Path,
    scratch_file: Path,
    catalogue: Catalogue,
    known: dt.datetime | Knowledge,
    *,
    translation: Translation | None = None,
    amender: Amender | None = None,
    resources: Resources | None = None,
) -> None:
    """Fill a new database of the store's schema with what was known: events, what stood of them, effect records (version 1).

    store_file    read only; the caller holds the store's lease, or this is a copy
    scratch_file  made anew; the caller deletes it
    known         an instant (with a zone, or in UTC), or a frontier for each kind of events
    Holds no offsets and no counts of records (`known_copy.sql` says why). What an erased subject was known by is gone at any instant.
    raises        StoreError when a file cannot be read or written
    """
    scratch_file.unlink(missing_ok=True)
    connection = connect(scratch_file.parent, resources or Resources(), f"{scratch_file.name}.tmp")
    try:
        with clear_errors(scratch_file.parent):
            connection.execute(f"ATTACH {quoted(store_file)} AS whole (READ_ONLY); ATTACH {quoted(scratch_file)} AS store; USE store")
            connection.execute(sql("schema"))
            load_frontier(connection, "frontier", known if isinstance(known, dict) else known_by(known))
            connection.execute(sql("known_kind"))
            connection.execute(sql("known_copy"))
            versions = EffectVersions(connection, translation or compile_translation(catalogue, EVENT_TYPES))
            versions.prepare()
            corrections = Corrections(connection, amender or extraction(catalogue.municipality.time_zone))
            connection.execute(sql("known_seeds"))
            corrections.apply(Tally())
            _translate(connection, versions)
            connection.execute("CHECKPOINT store")
    finally:
        connection.close()


def load_frontier(connection: duckdb.DuckDBPyConnection, name: str, known: Knowledge) -> None:
    """Make a temporary table of a state of knowledge: kind, recorded_at, batch."""
    limits = [known[kind] for kind in EVENT_KINDS]
    frontier = {
        "kind": pa.array(EVENT_KINDS, pa.string()),
        "recorded_at": pa.array([limit.instant for limit in limits], pa.timestamp("us")),
        "batch": pa.array([limit.through_batch for limit in limits], pa.int64()),
    }
    load(connection, name, pa.table(frontier))


def _translate(connection: duckdb.DuckDBPyConnection, versions: EffectVersions) -> None:
    """Everybody, so many subjects at a time."""
    found = connection.execute("SELECT approx_count_distinct(subject_key) FROM event").fetchall()
    n_parts = 1 + int(found[0][0]) // REBUILD_SUBJECTS
    for part in range(n_parts):
        versions.write_part(1, part, n_parts)


@contextmanager
def workshop(store_dir: Path) -> Iterator[Path]:
    """A private folder beside the store for databases that hold persons, gone at the end; what killed processes left is cleared away."""
    for stale in store_dir.glob(f"{_WORKSHOP}*-*"):
        if not _is_alive(stale.name.removeprefix(_WORKSHOP).split("-")[0]):
            shutil.rmtree(stale, ignore_errors=True)
    folder = Path(tempfile.mkdtemp(prefix=f"{_WORKSHOP}{os.getpid()}-", dir=store_dir))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _is_alive(process: str) -> bool:
    with suppress(ProcessLookupError, ValueError):
        try:
            os.kill(int(process), 0)
        except PermissionError:
            return True
        return True
    return False
