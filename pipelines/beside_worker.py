"""Reading a store whether nobody has it open, or a running worker that gives a copy (pipelines/snapshot.py)."""

import datetime as dt
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path

from models.catalogue import Catalogue
from models.errors import StoreBusyError
from pipelines.at_rest import at_rest
from pipelines.publish import Publication, publish
from pipelines.snapshot import ANSWERED_WITHIN_S, ask_for_snapshot


@contextmanager
def store_file(store_folder: Path, within_s: float = ANSWERED_WITHIN_S) -> Iterator[Path]:
    """The store's file at rest, or a copy of it where a worker has it open and gives one in time. Errors as in `publish`."""
    with ExitStack() as held:
        try:
            file = held.enter_context(at_rest(store_folder))
        except StoreBusyError:
            file = ask_for_snapshot(store_folder, within_s)
            held.callback(file.unlink, missing_ok=True)
        yield file


def publish_store(
    store_folder: Path,
    catalogue: Catalogue,
    to: Path,
    *,
    as_of: dt.date | None = None,
    known_at: dt.datetime | None = None,
    keep_days: int | None = None,
    audience: str | None = None,
) -> Publication:
    """Publish a store, whether nobody has it open or a worker has. Errors as in `publish`."""
    make = partial(publish, store_folder, catalogue, to, as_of=as_of, known_at=known_at, keep_days=keep_days, audience=audience)
    try:
        return make()
    except StoreBusyError:
        copy = ask_for_snapshot(store_folder)
    try:
        return make(source=copy)
    finally:
        copy.unlink(missing_ok=True)
