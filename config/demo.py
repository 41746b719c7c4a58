"""The demo: the whole way of one event on the embedded default, with an invented municipality."""

import datetime as dt
import shutil
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import Progress

from config.catalogue import load_catalogue
from models.errors import ConfigurationError
from pipelines.changes_kept import keep_changes
from pipelines.demo import headline_table
from pipelines.publish import publish
from pipelines.replay import replay
from pipelines.simulate import simulate
from pipelines.store import Store

CATALOGUE = Path(__file__).parent / "demo"
YEARS = 3
SEED = 1
EARLIER = dt.timedelta(days=31)
"""How much earlier the first of the demo's two publications is, so that there is something that changed."""
MOST_BY_CAUSE = 5_000
"""A larger demo tells what changed, not by which cause: that takes a mart for each cause."""


def run_demo(*, citizens: int, folder: Path, out: Console, bar: Progress) -> None:
    """Simulate, feed, translate, publish through the gate, and print the headline table.

    folder  made anew; the events, the truth behind them, the store and the publications end there
    """
    _make_anew(folder)
    catalogue = load_catalogue(CATALOGUE)
    with bar:
        drawing = bar.add_task("1/4 drawing invented citizens", total=citizens)
        made = simulate(folder / "events.ndjson", citizens, YEARS, SEED, lambda done: bar.update(drawing, completed=done))
        bar.update(drawing, completed=citizens)
        reading = bar.add_task("2/4 events in, effect records out", total=made.size_bytes)

        def note(seen: Any) -> None:
            bar.update(reading, completed=seen.bytes_read)

        with Store.open(folder / "store", catalogue) as store:
            summary = replay([made.file], store, note)
        publishing = bar.add_task("3/4 figures, suppression, quality gate", total=3)
        earlier = made.as_of - EARLIER
        known_at = dt.datetime(earlier.year, earlier.month, earlier.day, tzinfo=dt.UTC)
        first = publish(folder / "store", catalogue, folder / "published", as_of=earlier, known_at=known_at)
        bar.update(publishing, completed=1)
        published = publish(folder / "store", catalogue, folder / "published", as_of=made.as_of)
        bar.update(publishing, completed=2)
        keep_changes(folder / "published", first.version, folder / "store", by_cause=citizens <= MOST_BY_CAUSE)
        bar.update(publishing, completed=3)
    out.print(f"{made.events:,} invented events of {citizens:,} invented citizens over {YEARS} years: {made.file}", soft_wrap=True)
    out.print(summary.sentence(), soft_wrap=True)
    out.print(f"published {published.version} in {published.folder}\n", soft_wrap=True)
    out.print(headline_table(folder / "published"))


def _make_anew(folder: Path) -> None:
    """Empty the demo's folder, but never one that holds something else."""
    if folder.exists() and any(folder.iterdir()) and not (folder / ".kerneeffekt-demo").exists():
        raise ConfigurationError(f"{folder} is not empty and is not a demo's folder: choose another with --folder")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    (folder / ".kerneeffekt-demo").touch()
