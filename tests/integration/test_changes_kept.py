"""What changed is kept beside the publication: for readers without a store, and never more than `compare` tells."""

import datetime as dt
import json
from pathlib import Path

from config.catalogue import load_catalogue
from pipelines.changes_kept import keep_changes
from pipelines.gate import Verdict
from pipelines.publish import publish
from pipelines.published import changes_file
from pipelines.replay import replay
from pipelines.simulate import simulate
from pipelines.store import Store

DEMO = Path(__file__).parents[2] / "config" / "demo"
CORE_TASK = "uddannelse_beskaeftigelse"


def passed(mart: Path, k: int) -> Verdict:
    """The gate has tests of its own."""
    del mart, k
    return Verdict(True, 1, ())


def test_two_publications_and_what_lies_between_them(tmp_path: Path) -> None:
    whole = load_catalogue(DEMO)
    catalogue = whole.model_copy(update={"core_tasks": tuple(task for task in whole.core_tasks if task.id == CORE_TASK)})
    made = simulate(tmp_path / "events.ndjson", 150, 2, 1)
    with Store.open(tmp_path / "store", catalogue) as store:
        replay([made.file], store)
    published, store_dir = tmp_path / "published", tmp_path / "store"
    earlier = made.as_of - dt.timedelta(days=120)
    known_at = dt.datetime(earlier.year, earlier.month, earlier.day, tzinfo=dt.UTC)
    first = publish(store_dir, catalogue, published, earlier, known_at, gate=passed)
    assert keep_changes(published, None, store_dir) is None
    second = publish(store_dir, catalogue, published, made.as_of, gate=passed)
    kept = keep_changes(published, first.version, store_dir)
    assert kept == changes_file(published, second.version)
    told = json.loads(kept.read_text(encoding="utf-8"))
    assert (told["before"]["version"], told["after"]["version"]) == (first.version, second.version)
    assert told["n_changes"] == len(told["changes"]) > 0
    assert told["not_split"] == "the causes were not asked for"
    assert told["events"]["new_events"]
    assert {row["indicator_id"] for row in told["changes"]} <= {indicator.id for _, indicator in catalogue.indicators()}
    assert list(published.glob("changes/*.tmp")) == []
