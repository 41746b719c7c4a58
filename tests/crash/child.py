"""The process that is killed: feeds the files into the store in small batches, then publishes. Started anew it goes on where it was.

`python -m tests.crash.child STORE PUBLISHED FILE...`
"""

import datetime as dt
import sys
from pathlib import Path

from config.catalogue import load_catalogue
from pipelines import database, lines
from pipelines.gate import Verdict
from pipelines.publish import publish
from pipelines.replay import replay
from pipelines.store import Store

CATALOGUE = Path(__file__).parent.parent.parent / "config" / "demo"
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


def main(store_dir: Path, published: Path, files: list[Path]) -> None:
    """Feed and publish."""
    lines.BATCH_LINES = SMALL_BATCH
    database.CHECKPOINT_ABOVE_BYTES = SMALL_LOG
    whole = load_catalogue(CATALOGUE)
    catalogue = whole.model_copy(update={"core_tasks": tuple(task for task in whole.core_tasks if task.id in CORE_TASKS)})
    with Store.open(store_dir, catalogue) as store:
        print("open", flush=True)
        replay(files, store)
    publish(store_dir, catalogue, published, AS_OF, gate=passing_gate)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), [Path(name) for name in sys.argv[3:]])
