"""Which publication is read: one read-only, locked DuckDB connection on the version that CURRENT names.

A publication never changes; a new one is another folder. Each request takes one `Snapshot` and reads everything from it, so a page never
mixes two publications. The database is attached to an in-memory connection, since DuckDB hands out a stale instance for a path that it
has opened before.
"""

import json
import logging
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import duckdb
import pyarrow as pa

from dashboard.directory import Directory, read_directory
from dashboard.errors import NoPublicationError, PublishedFolderError, TooSlowError
from dashboard.queries import ROW_CAP, Row, statement
from pipelines.telemetry import age_s

LOG = logging.getLogger(__name__)
Taken = TypeVar("Taken")
VERSION_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,127}")
TIME_LIMIT_SECONDS = 10.0
MEMORY_LIMIT = "512MB"
MOST_KEPT, MOST_KEPT_ROWS = 200, 1_000
"""Answers to named questions that are kept for the next reader, and the most rows that one may have."""


def require_folder(published: Path) -> None:
    """Raise the one clear sentence for the command line when the published folder is missing."""
    if not published.is_dir():
        what = "is not a folder" if published.exists() else "does not exist"
        raise PublishedFolderError(
            f"the published folder {published} {what}; expected the folder that `kerneeffekt publish --to` writes: "
            "publish first, or mend --published"
        )


def current_version(published: Path) -> str:
    """The version that CURRENT names; NoPublicationError when there is none or its name is not one."""
    try:
        version = (published / "CURRENT").read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        raise NoPublicationError(
            "nothing has been published yet: expected the file CURRENT in the published folder", "error.no_publication"
        ) from None
    if VERSION_NAME.fullmatch(version) is None:
        raise NoPublicationError(
            "CURRENT does not name a version: expected letters, digits, - and _; publish again", "error.no_publication"
        )
    return version


@dataclass(frozen=True)
class Outdated:
    """Why what is served may be old.

    key    of the sentence for the page: a newer version cannot be opened, or nothing newer came
    days   age of the publication, where that is the fault
    """

    key: str
    days: float = 0.0


@dataclass
class Snapshot:
    """One publication, opened for reading: its manifest, its names, and a connection that takes one question at a time."""

    version: str
    manifest: dict[str, Any]
    connection: duckdb.DuckDBPyConnection
    published: Path | None = None
    """The folder that the publication lies in."""
    lock: threading.Lock = field(default_factory=threading.Lock)
    charts: dict[Any, str] = field(default_factory=dict)
    """Finished SVG texts of this publication: they live and go with it."""
    kept: dict[Any, tuple[Row, ...]] = field(default_factory=dict)
    """Answers to named questions: a publication never changes, so neither do they."""

    outdated: Callable[[], Outdated | None] = lambda: None
    """Asked at each answer: whether readers must be told that this may be old."""

    def __post_init__(self) -> None:
        self.columns: dict[str, dict[str, str]] = {}
        for row in self.rows("columns"):
            self.columns.setdefault(row["table_name"], {})[row["column_name"]] = row["data_type"]
        self.directory: Directory = read_directory(self)

    @property
    def snapshot_id(self) -> str:
        """The publication's identity, as the manifest states it."""
        return str(self.manifest.get("snapshot_id") or self.version)

    def rows(self, name: str, /, **values: Any) -> list[Row]:
        """Ask the named question; at most `ROW_CAP` rows. Rows are shared between readers: nobody may change one."""
        key = (name, tuple(sorted(values.items())))
        kept = self.kept.get(key)
        if kept is not None:
            return list(kept)
        found = self.ask(statement(name), values)
        if len(self.kept) >= MOST_KEPT:
            self.kept.clear()
        if len(found) <= MOST_KEPT_ROWS:
            self.kept[key] = tuple(found)
        return found

    def ask(self, sql: str, values: dict[str, Any] | list[Any], cap: int = ROW_CAP) -> list[Row]:
        """Run one bound statement under the time limit and give its rows as dictionaries."""

        def taken(cursor: duckdb.DuckDBPyConnection) -> list[Row]:
            names = [column[0] for column in cursor.description or []]
            return [dict(zip(names, row, strict=True)) for row in cursor.fetchmany(cap)]

        return self._within_limit(sql, values, taken)

    def columns_of(self, sql: str, values: list[Any]) -> pa.Table:
        """The same as columns, for files; the statement itself must be capped."""
        return self._within_limit(sql, values, lambda cursor: cursor.to_arrow_table())

    def _within_limit(self, sql: str, values: dict[str, Any] | list[Any], take: Callable[[duckdb.DuckDBPyConnection], Taken]) -> Taken:
        with self.lock:
            timer = threading.Timer(TIME_LIMIT_SECONDS, self.connection.interrupt)
            timer.start()
            try:
                return take(self.connection.execute(sql, values))
            except duckdb.InterruptException:
                raise TooSlowError("the question took longer than the time limit; narrow it by a filter", "error.too_slow") from None
            finally:
                timer.cancel()

    def has(self, table: str) -> bool:
        """Whether this publication holds the table."""
        return table in self.columns


def open_snapshot(published: Path, version: str) -> Snapshot:
    """Attach one version read-only, then lock the connection: no files, no settings, no extensions, no writing."""
    folder = published / version
    try:
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        connection = _locked_connection(folder / "mart.duckdb")
        return Snapshot(version, manifest, connection, published)
    except (OSError, ValueError, duckdb.Error) as fault:
        LOG.error("publication %s cannot be opened: %s", version, type(fault).__name__)
        raise NoPublicationError(
            f"the publication {version} cannot be opened; expected mart.duckdb and manifest.json in its folder: publish again",
            "error.no_publication",
        ) from fault


def _locked_connection(mart: Path) -> duckdb.DuckDBPyConnection:
    if not mart.is_file():
        raise FileNotFoundError(mart)
    connection = duckdb.connect(":memory:", config={"autoinstall_known_extensions": "false", "autoload_known_extensions": "false"})
    quoted = str(mart.resolve()).replace("'", "''")
    # ATTACH takes no bound value: the path is ours (folder from the command line, version checked by VERSION_NAME), and quoted.
    connection.execute(f"ATTACH '{quoted}' AS mart (READ_ONLY)")
    connection.execute("USE mart")
    # The first bound value of a process makes DuckDB's client import what a value could be: seconds that no reader should wait.
    connection.execute("SELECT $once", {"once": 0})
    connection.execute("SET threads = 1")  # pages are small; the machine is shared
    connection.execute(f"SET memory_limit = '{MEMORY_LIMIT}'")
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")
    return connection


class Publications:
    """Gives the newest publication, and keeps the last good one when a newer cannot be opened."""

    def __init__(self, published: Path) -> None:
        self.published = published
        self.stale_after_s: float | None = None
        """Older than this, what is published is served but not called ready; None: any age will do."""
        self._lock = threading.Lock()
        self._open: Snapshot | None = None
        self._refused: str | None = None

    def newest(self) -> Snapshot:
        """The snapshot that CURRENT names, opened when it is new; the last good one while CURRENT cannot be followed."""
        with self._lock:
            try:
                return self._follow(current_version(self.published))
            except NoPublicationError:
                if self._open is None:
                    raise
                return self._open

    def _follow(self, version: str) -> Snapshot:
        if self._open is not None and self._open.version == version:
            return self._open
        if self._open is not None and self._refused == version:
            return self._open  # tried and refused: not again on every request
        try:
            self._open = open_snapshot(self.published, version)
            self._open.outdated = self.outdated
        except NoPublicationError:
            self._refused = version
            raise
        return self._open

    def audience(self) -> frozenset[str] | None:
        """Names of the roles that the publication was made for; None: whoever may see figures."""
        try:
            found = self.newest().manifest.get("audience")
        except NoPublicationError:
            return None
        return frozenset(found["roles"]) if found else None

    def behind(self) -> str | None:
        """Why what is served is not what CURRENT names, or None when it is."""
        try:
            version = current_version(self.published)
        except NoPublicationError as fault:
            return str(fault)
        snapshot = self.newest()
        return None if snapshot.version == version else f"CURRENT names {version}, which cannot be opened; {snapshot.version} is served"

    def stale(self) -> str | None:
        """That what is published is older than it may be; None where no age was set, or it is young enough."""
        age, most = age_s(self.published / "CURRENT"), self.stale_after_s
        if most is None or age <= most:
            return None
        return f"the publication is older than {most:.0f} s: it is served, but nothing newer came; see the publisher"

    def notice(self) -> str | None:
        """What a reader of the figures should know beside them: a newer publication cannot be opened, or this one is stale."""
        return self.behind() or self.stale()

    def outdated(self) -> Outdated | None:
        """The same for the page, which says it in the reader's language."""
        if self.behind() is not None:
            return Outdated("site.behind")
        return Outdated("site.stale", age_s(self.published / "CURRENT") / 86_400) if self.stale() is not None else None
