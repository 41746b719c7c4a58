"""Opening the store's DuckDB file with the settings it needs, and turning DuckDB's faults into one clear sentence.

The file is attached to an in-memory database, never connected to: DuckDB keeps one instance per path and process, and after the file was
replaced (compaction) `connect(path)` would hand back the old one.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb

from models.errors import StoreError, StoreFullError, StoreMemoryError
from pipelines.crashpoints import crashpoint
from pipelines.sql_texts import sql

FILE = "store.duckdb"
SCHEMA_VERSION = "2"
STORAGE = " (STORAGE_VERSION 'v1.5.0')"
"""The private file need not be readable by older DuckDBs: the newer format packs texts in less time."""
CHECKPOINT_ABOVE_BYTES = 192 * 1024 * 1024
"""The write-ahead log is merged into the file when it has grown past this."""

MINIMUM_FREE_BYTES = 64 * 1024 * 1024
"""A batch is refused below this plus three times its own size: room for the log, the file and a checkpoint."""

_CHILD = "import sys, duckdb; c = duckdb.connect(); c.execute(f\"ATTACH '{sys.argv[1]}' AS s\"); c.execute('CHECKPOINT s')"


@dataclass(frozen=True)
class Resources:
    """What DuckDB may use. threads: worker threads; memory: DuckDB's own limit, not the process's."""

    threads: int = 0
    memory: str = "384MiB"

    @property
    def n_threads(self) -> int:
        """Threads given, or as many as there are processors for this process, at most 4."""
        return self.threads or min(4, len(os.sched_getaffinity(0)))


def quoted(path: Path) -> str:
    """A path as an SQL string literal."""
    return "'" + str(path).replace("'", "''") + "'"


@contextmanager
def clear_errors(folder: Path) -> Iterator[None]:
    """Turn what DuckDB raises about disk and file into a StoreError that says what to do; nothing of the transaction was written."""
    try:
        yield
    except duckdb.Error as error:
        text = str(error)
        if "No space left" in text or "failed to offload data block" in text or "ENOSPC" in text:
            raise StoreFullError(
                f"no space left for the store {folder}: nothing of this batch was written; free some space and start again"
            ) from error
        if isinstance(error, duckdb.OutOfMemoryException):
            raise StoreMemoryError(
                f"DuckDB ran out of the memory it may use for the store {folder}: nothing of this batch was written;"
                " raise the limit or use smaller batches"
            ) from error
        if isinstance(error, duckdb.FatalException | duckdb.IOException | duckdb.SerializationException):
            raise StoreError(
                f"the store {folder} cannot be read or written ({type(error).__name__}); stop, check the disk, and start again"
            ) from error
        raise


def connect(folder: Path, resources: Resources, temporary_name: str = "tmp") -> duckdb.DuckDBPyConnection:
    """An in-memory DuckDB with the store's settings and its temporary files inside the store's folder; nothing attached yet."""
    temporary = folder / temporary_name
    shutil.rmtree(temporary, ignore_errors=True)
    return duckdb.connect(
        config={
            "threads": resources.n_threads,
            "memory_limit": resources.memory,
            "temp_directory": str(temporary),
            "preserve_insertion_order": False,
            "autoinstall_known_extensions": False,
            "checkpoint_threshold": "1TB",  # the store decides when, so that a copy under the lock is exact
        }
    )


def attach(connection: duckdb.DuckDBPyConnection, folder: Path, careful: bool) -> None:
    """Attach the store's file as `store` and use it; make the schema in a new one.

    careful   the last holder did not let go in order: open the file in a child process first, since a torn log can abort the process.
    raises    StoreError when the file is damaged or of another version.
    """
    file = folder / FILE
    is_new = not file.exists()
    if careful and not is_new:
        _open_in_child(folder)
    try:
        with clear_errors(folder):
            connection.execute(f"ATTACH {quoted(file)} AS store{STORAGE if is_new else ''}; USE store")
            if is_new or not connection.execute("SELECT 1 FROM duckdb_tables() WHERE table_name = 'meta'").fetchone():
                _create_schema(connection)
            found = connection.execute("SELECT value FROM meta WHERE key = 'schema_version'").fetchone()
    except StoreFullError:
        raise
    except (duckdb.Error, StoreError) as error:
        raise _damaged(folder, type(error.__cause__ or error).__name__) from error
    if found is None or found[0] != SCHEMA_VERSION:
        raise StoreError(f"the store {folder} has another schema than this version of Kerneeffekt; replay the feeds into a new store")


def checkpoint(connection: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """Merge the write-ahead log into the file."""
    crashpoint("before_checkpoint")
    with clear_errors(folder):
        connection.execute("CHECKPOINT store")
    crashpoint("after_checkpoint")


def log_bytes(folder: Path) -> int:
    """Size of the write-ahead log, in bytes."""
    log = folder / (FILE + ".wal")
    return log.stat().st_size if log.exists() else 0


def require_space(folder: Path, batch_bytes: int) -> None:
    """Refuse a batch that may not fit, before anything of it is written; StoreFullError says how much is missing."""
    needed = MINIMUM_FREE_BYTES + 3 * batch_bytes
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise StoreFullError(
            f"only {free >> 20} MiB free for the store {folder}, {needed >> 20} MiB wanted for the next batch:"
            " nothing of it was written; free some space and start again"
        )


def compact(connection: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """Build the file anew from what is left in its tables, so that no deleted row stays in it byte for byte, and swap it in.

    A crash on the way leaves either the old file or the new one, each complete.
    """
    fresh = folder / "store.new.duckdb"
    for stale in (fresh, Path(f"{fresh}.wal")):
        stale.unlink(missing_ok=True)
    checkpoint(connection, folder)
    with clear_errors(folder):
        connection.execute(f"ATTACH {quoted(fresh)} AS fresh{STORAGE}")
        connection.execute("COPY FROM DATABASE store TO fresh; CHECKPOINT fresh")
        connection.execute("USE memory; DETACH fresh; DETACH store")
    if Path(f"{fresh}.wal").exists() or log_bytes(folder):
        raise StoreError(f"the store {folder} could not be rewritten: a log was left beside the file; start again")
    sync(fresh)
    crashpoint("compact_before_swap")
    os.replace(fresh, folder / FILE)
    sync(folder)
    crashpoint("compact_after_swap")
    connection.execute(f"ATTACH {quoted(folder / FILE)} AS store; USE store")


def sync(path: Path) -> None:
    """Have the operating system put a file or folder on the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _create_schema(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute("BEGIN")
    connection.execute(sql("schema"))
    connection.execute("INSERT INTO meta VALUES ('schema_version', ?)", [SCHEMA_VERSION])
    connection.execute("COMMIT")
    connection.execute("CHECKPOINT store")  # DDL is not left to the log, whose replay has been faulty in several versions


def _open_in_child(folder: Path) -> None:
    path = str(folder / FILE).replace("'", "''")
    done = subprocess.run([sys.executable, "-I", "-c", _CHILD, path], capture_output=True, text=True, check=False)
    if done.returncode == 0:
        return
    if "No space left" in done.stderr:
        raise StoreFullError(f"no space left to open the store {folder}: free some space and start again")
    raise _damaged(folder, "a test run could not open it")


def _damaged(folder: Path, why: str) -> StoreError:
    return StoreError(
        f"the store file {folder / FILE} cannot be opened ({why}): it is damaged, or not a store."
        f" Move {FILE} and {FILE}.wal aside, then restore a copy, or replay the feeds into a new store"
    )
