"""What others ask of a store that a worker has open: by a file in the store's folder, answered by the writer between two batches.

DuckDB lets one process write or many read, never both. So `publish` does not open a running worker's file: it asks for a copy, which is
exact because the writer checkpoints and copies before its next transaction. What is asked for and how it is answered: `ANSWERS` below for
the whole store, `pipelines/quarantine_beside.py` for the quarantine.
"""

import fcntl
import os
import shutil
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from models.errors import KerneeffektError, StoreBusyError, StoreError
from pipelines.database import sync

ASKED, REFUSED = ".request", ".refused"
SNAPSHOT = "snapshot"
REQUEST = SNAPSHOT + ASKED
FOLDER = "snapshot"
FILE = "store.duckdb"
BACKUP_NOTE = "last_backup.json"
"""In the store's folder: when the last backup was made, and where it went."""
ANSWERED_WITHIN_S = 120.0
LEFT_BEHIND_S = 6 * 3600.0
"""A copy that nobody has taken away for so long belongs to a process that was killed."""
_LOOK_EVERY_S = 0.1

Answer = Callable[[Any, Path], None]
"""(the open store, file to write): on the writer's thread, with no transaction open."""


def _copy_of_store(store: Any, target: Path) -> None:
    store.checkpoint()
    shutil.copyfile(store.folder / FILE, target)


ANSWERS: Mapping[str, Answer] = {SNAPSHOT: _copy_of_store}


def answer_request(store: Any, answers: Mapping[str, Answer] = ANSWERS) -> bool:
    """Answer what somebody asked for, if somebody did. Call it from the writer's thread, between two transactions.

    store    open for writing: has `folder`, `checkpoint()` and whatever the answers use
    returns  whether there was anything to answer. A fault while answering is told to the asker and leaves the store's writer going.
    """
    asked = [name for name in answers if (store.folder / (name + ASKED)).exists()]
    for name in asked:
        _answer(store, name, answers[name])
    return bool(asked)


def _answer(store: Any, name: str, answer: Answer) -> None:
    folder = store.folder / FOLDER
    folder.mkdir(mode=0o700, exist_ok=True)
    unfinished, finished = folder / (name + ".new"), folder / name
    unfinished.unlink(missing_ok=True)
    try:
        answer(store, unfinished)
        unfinished.chmod(0o600)
        sync(unfinished)
        os.replace(unfinished, finished)
    except (KerneeffektError, OSError) as error:
        unfinished.unlink(missing_ok=True)
        sentence = str(error) if isinstance(error, KerneeffektError) else f"no copy could be made: {error.strerror}"
        (store.folder / (name + REFUSED)).write_text(sentence, encoding="utf-8")
    (store.folder / (name + ASKED)).unlink(missing_ok=True)


def ask_for_snapshot(store_folder: Path, within_s: float = ANSWERED_WITHIN_S) -> Path:
    """Ask the worker that has the store open for a copy, and wait for it; returns the copy's path, the asker's own. Remove it when done.

    raises  StoreBusyError when nobody answers: what has the store open is not a worker; StoreError when no copy could be made
    """
    return ask(store_folder, SNAPSHOT, within_s)


def ask(store_folder: Path, name: str, within_s: float = ANSWERED_WITHIN_S) -> Path:
    """Ask the worker for one of its answers, one asker at a time. Returns and errors as `ask_for_snapshot`."""
    until = time.monotonic() + within_s
    request, refused = store_folder / (name + ASKED), store_folder / (name + REFUSED)
    with _one_at_a_time(store_folder, until):
        _clear_what_was_left(store_folder / FOLDER)
        refused.unlink(missing_ok=True)
        request.touch(mode=0o600)
        while request.exists():
            if time.monotonic() > until:
                request.unlink(missing_ok=True)
                raise _no_answer(store_folder, within_s)
            time.sleep(_LOOK_EVERY_S)
        if refused.exists():
            sentence = refused.read_text(encoding="utf-8")
            refused.unlink()
            raise StoreError(f"the worker that has the store {store_folder} open refused: {sentence}")
        own = store_folder / FOLDER / f"{uuid.uuid4().hex}.{name}"
        os.replace(store_folder / FOLDER / name, own)
        return own


@contextmanager
def _one_at_a_time(store_folder: Path, until: float) -> Iterator[None]:
    """Two askers at once would get one answer between them."""
    lock = os.open(store_folder / "snapshot.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except OSError:
                if time.monotonic() > until:
                    raise StoreBusyError(f"another process is asking for a copy of the store {store_folder}; try again later") from None
                time.sleep(_LOOK_EVERY_S)
        yield
    finally:
        os.close(lock)


def _clear_what_was_left(folder: Path) -> None:
    for file in folder.glob("*") if folder.exists() else ():
        if time.time() - file.stat().st_mtime > LEFT_BEHIND_S:
            file.unlink(missing_ok=True)


def _no_answer(store_folder: Path, within_s: float) -> StoreBusyError:
    return StoreBusyError(
        f"the store {store_folder} is in use, and what has it open gave no copy within {within_s:.0f} s: "
        "only a running worker does; wait for it to end and try again"
    )
