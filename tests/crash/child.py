"""The process that is killed: feeds the files into the store in small batches, then publishes. Started anew it goes on where it was.

It is forked from a server that has imported this module and read the catalogue: a kill costs the work, not the imports.
"""

import datetime as dt
import os
from multiprocessing.connection import Connection
from pathlib import Path

from config.catalogue import load_catalogue
from models.catalogue import Catalogue
from pipelines import crashpoints, database, lines
from pipelines.gate import Verdict
from pipelines.publish import publish
from pipelines.replay import replay
from pipelines.store import Store

CATALOGUE_FOLDER = Path(__file__).parent.parent.parent / "config" / "demo"
CORE_TASKS = ("uddannelse_beskaeftigelse",)
"""One is enough, and a run with all takes four times as long."""

SMALL_BATCH = 300
SMALL_LOG = 256 * 1024
"""So that a run of seconds has many batches and many checkpoints."""

AS_OF = dt.date(2026, 1, 15)


def passing_gate(mart: Path, k: int) -> Verdict:
    """The gate has tests of its own, and takes seconds to start."""
    del mart, k
    return Verdict(True, 1, ())


def _catalogue() -> Catalogue:
    whole = load_catalogue(CATALOGUE_FOLDER)
    return whole.model_copy(update={"core_tasks": tuple(task for task in whole.core_tasks if task.id in CORE_TASKS)})


CATALOGUE = _catalogue()


def run(told: Connection, crash_at: str | None, store_dir: Path, published: Path, files: list[Path]) -> None:
    """Feed and publish. Says `open` when the store is open; a fault prints its traceback and ends the process with 1."""
    if crash_at:
        os.environ[crashpoints.VARIABLE] = crash_at
    lines.BATCH_LINES = SMALL_BATCH
    database.CHECKPOINT_ABOVE_BYTES = SMALL_LOG
    with Store.open(store_dir, CATALOGUE) as store:
        told.send("open")
        replay(files, store)
    publish(store_dir, CATALOGUE, published, AS_OF, gate=passing_gate)
