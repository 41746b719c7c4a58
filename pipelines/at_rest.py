"""A store's file as a reader needs it: nobody writes to it meanwhile, and nothing waits in a log beside it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from models.errors import ConfigurationError
from pipelines import database
from pipelines.lease import Lease


@contextmanager
def at_rest(store_dir: Path, source: Path | None = None) -> Iterator[Path]:
    """A store file without a log beside it, that nobody writes meanwhile: the store's own under its lease, or a copy."""
    if source is not None:
        yield source
        return
    file = store_dir / database.FILE
    if not file.exists():
        raise ConfigurationError(
            f"there is no store in {store_dir}: expected {database.FILE} there; feed it first with `replay` or `worker`"
        )
    lease = Lease(store_dir, "publish")
    # A reader leaves the store as it found it: the next writer must still look with care after a crash, unless the log is merged here.
    in_order = lease.was_left_in_order
    try:
        if database.log_bytes(store_dir):
            _merge_log(store_dir, careful=not in_order)
            in_order = True
        yield file
    finally:
        lease.release(in_order=in_order)


def _merge_log(store_dir: Path, careful: bool) -> None:
    connection = database.connect(store_dir, database.Resources())
    try:
        database.attach(connection, store_dir, careful)
        database.checkpoint(connection, store_dir)
    finally:
        connection.close()
