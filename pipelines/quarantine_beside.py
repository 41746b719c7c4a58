"""The quarantine of a store that a worker may have open: read from a small copy that it makes, taken up again by the worker itself."""

import json
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from models.catalogue import Catalogue
from models.errors import StoreBusyError
from pipelines.at_rest import at_rest
from pipelines.database import quoted
from pipelines.intake import Intake
from pipelines.quarantine import RetrySummary, retry
from pipelines.snapshot import ANSWERS, Answer, ask
from pipelines.store import Store

QUARANTINE, RETRY = "quarantine", "retry"
RETRIED_WITHIN_S = 600.0


@dataclass(frozen=True)
class QuarantineCopy:
    """What may be read of a store's quarantine."""

    connection: duckdb.DuckDBPyConnection


@contextmanager
def quarantine_of(store_folder: Path) -> Iterator[QuarantineCopy]:
    """The quarantine of a store at rest, or a copy of it where a worker has the store open. Errors as in `publish`."""
    with ExitStack() as held:
        try:
            file = held.enter_context(at_rest(store_folder))
        except StoreBusyError:
            file = ask(store_folder, QUARANTINE)
            held.callback(file.unlink, missing_ok=True)
        connection = held.enter_context(duckdb.connect())
        connection.execute(f"ATTACH {quoted(file)} AS store (READ_ONLY); USE store")
        yield QuarantineCopy(connection)


def retry_beside(store_folder: Path, catalogue: Catalogue | None) -> RetrySummary:
    """Take up again what is well-formed now: here where the store is at rest, else by the worker that has it open, with its catalogue.

    Errors as of `Store.open` and `ask`.
    """
    try:
        with Store.open(store_folder, catalogue) as store:
            return retry(store, Intake(store.time_zone))
    except StoreBusyError:
        answer = ask(store_folder, RETRY, RETRIED_WITHIN_S)
    try:
        return RetrySummary(**json.loads(answer.read_text(encoding="utf-8")))
    finally:
        answer.unlink(missing_ok=True)


def _copy_of_quarantine(store: Any, target: Path) -> None:
    connection = store.connection
    connection.execute(f"ATTACH {quoted(target)} AS asked")
    try:
        connection.execute("CREATE TABLE asked.quarantine AS FROM store.quarantine; CREATE TABLE asked.batch AS FROM store.batch")
        connection.execute("CHECKPOINT asked")
    finally:
        connection.execute("DETACH asked")


def _take_up_again(store: Any, target: Path) -> None:
    summary = retry(store, Intake(store.time_zone, threads=1))
    target.write_text(json.dumps(summary.as_dict()), encoding="utf-8")


WORKER_ANSWERS: Mapping[str, Answer] = {**ANSWERS, QUARANTINE: _copy_of_quarantine, RETRY: _take_up_again}
"""Everything that a worker answers beside its work."""
