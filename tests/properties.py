"""Generated timelines, translated by the SQL and by the plain-Python reference: every effect record must be the same.

    python -m tests.properties --examples 100000 [--seed 1]

One example is one subject's timeline; each is held against twelve indicators. Every round draws new indicators. A difference is made as
small as it gets by leaving events out, printed, and ends the run with exit code 1. The same seed gives the same timelines.
"""

import argparse
import random
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import duckdb
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from models.catalogue import Catalogue
from tests.reference.compare import differences, expected
from tests.reference.timelines import Event, a_number, an_indicator_number, catalogue_of, event_of, indicator_of

SUBJECTS_A_ROUND = 40
INDICATORS_A_ROUND = 12
MOST_EVENTS = 14


@dataclass(frozen=True)
class Round:
    """Some timelines and the indicators that they are held against."""

    catalogue: Catalogue
    events: list[Event]
    subjects: int


def rounds(seed: int, examples: int) -> Iterator[Round]:
    """As many timelines as asked for, in rounds."""
    while examples > 0:
        chance = random.Random(seed)
        subjects = min(SUBJECTS_A_ROUND, examples)
        indicators = [indicator_of(an_indicator_number(chance), f"i{place}") for place in range(INDICATORS_A_ROUND)]
        events = [event_of(a_number(chance), s, place) for s in range(subjects) for place in range(chance.randrange(MOST_EVENTS + 1))]
        chance.shuffle(events)
        yield Round(catalogue_of(indicators), events, subjects)
        seed, examples = seed + 1, examples - subjects


def smallest(failing: Round, differ: Callable[[Catalogue, list[Event]], list[str]]) -> list[Event]:
    """A smaller set of events on which the two still differ: leave out subjects, then single events."""
    events = failing.events
    for by in ("subject", "id"):
        for name in sorted({e[by] for e in events}):
            fewer = [e for e in events if e[by] != name]
            if differ(failing.catalogue, fewer):
                events = fewer
    return events


def compare(seed: int, examples: int, report: Callable[[int], object], connection: Any) -> tuple[Counter[str], str]:
    """Compare round after round; returns how often each outcome came up, and the first difference in words (empty: none)."""
    outcomes: Counter[str] = Counter()
    for one in rounds(seed, examples):
        if differences(one.catalogue, one.events, connection):
            events = smallest(one, lambda catalogue, fewer: differences(catalogue, fewer, connection))
            told = [*differences(one.catalogue, events, connection), *map(str, sorted(events, key=lambda e: e["occurred_at"]))]
            told += [str(indicator.model_dump(exclude_defaults=True)) for _, indicator in one.catalogue.indicators()]
            return outcomes, "\n".join(told)
        outcomes.update(f"{record['outcome']}" for record in expected(one.catalogue, one.events))
        report(one.subjects)
    return outcomes, ""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--examples", type=int, default=100_000, help="timelines to generate")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    begin = time.perf_counter()
    columns = (TextColumn("timelines"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with duckdb.connect(config={"threads": 1}) as connection, Progress(*columns) as progress:
        task = progress.add_task("timelines", total=options.examples)
        outcomes, told = compare(options.seed, options.examples, lambda n: progress.advance(task, n), connection)
    if told:
        print(told)
        return 1
    taken = time.perf_counter() - begin
    counts = ", ".join(f"{outcome} {n}" for outcome, n in outcomes.most_common())
    print(f"{options.examples} timelines, {sum(outcomes.values())} effect records ({counts}), 0 differences, {taken:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
