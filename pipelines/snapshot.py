"""A private copy of a store that a worker has open: asked for by a file in the store's folder, made by the writer between two batches.

DuckDB lets one process write or many read, never both. So `publish` does not open a running worker's file: it asks for a copy, which is
exact because the writer checkpoints and copies before its next transaction.
"""

import os
import shutil
import time
from pathlib import Path
from typing import Protocol

from models.errors import StoreBusyError
from pipelines.database import sync

REQUEST = "snapshot.request"
FOLDER = "snapshot"
FILE = "store.duckdb"
BACKUP_NOTE = "last_backup.json"
"""In the store's folder: when the last backup was made, and where it went."""
ANSWERED_WITHIN_S = 120.0
_LOOK_EVERY_S = 0.1


class Checkpointed(Protocol):
    """What is asked of the store."""

    folder: Path

    def checkpoint(self) -> None:
        """Merge the log into the file."""
        ...


def answer_request(store: Checkpointed) -> bool:
    """Make the copy that somebody asked for, if somebody did. Call it from the writer's thread, between two transactions.

    returns  whether a copy was made
    """
    request = store.folder / REQUEST
    if not request.exists():
        return False
    folder = store.folder / FOLDER
    folder.mkdir(mode=0o700, exist_ok=True)
    store.checkpoint()
    shutil.copyfile(store.folder / FILE, folder / (FILE + ".new"))
    sync(folder / (FILE + ".new"))
    os.replace(folder / (FILE + ".new"), folder / FILE)
    request.unlink(missing_ok=True)
    return True


def ask_for_snapshot(store_folder: Path, within_s: float = ANSWERED_WITHIN_S) -> Path:
    """Ask the worker that has the store open for a copy, and wait for it; returns the copy's path. Remove it when done.

    raises  StoreBusyError when nobody answers: what has the store open is not a worker
    """
    request = store_folder / REQUEST
    request.touch(mode=0o600)
    until = time.monotonic() + within_s
    while request.exists():
        if time.monotonic() > until:
            request.unlink(missing_ok=True)
            raise StoreBusyError(
                f"the store {store_folder} is in use, and what has it open gave no copy within {within_s:.0f} s: "
                "only a running worker does; wait for it to end and try again"
            )
        time.sleep(_LOOK_EVERY_S)
    return store_folder / FOLDER / FILE
