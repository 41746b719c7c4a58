"""How long a batch takes in the store, less its translation, against a long history. `python -m benchmarks.store --history 5000000`.

Prints the machine, the size of things, seconds per batch and records per second: a batch of new records, one with 2 % repetitions, one of
repetitions only.
"""

import argparse
import os
import platform
import resource
import tempfile
import time
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from models.catalogue import Catalogue
from pipelines.database import FILE
from pipelines.staged import Staged
from pipelines.store import Store

CATALOGUE = Catalogue.model_validate({"municipality": {"id": "bench", "name": "Bench"}})
FEED = "kerneeffekt.employment"

_EVENTS = """
SELECT md5_number_lower('urn:bench' || chr(31) || 'e' || n) AS event_key, 'urn:bench' AS source, 'e' || n AS id,
    md5_number_lower('c' || n) AS content_hash, ['employment.benefit_ended', 'employment.placement_started'][1 + n % 2] AS type,
    'p:' || md5(CAST(n % $subjects AS VARCHAR)) AS subject, md5_number_lower('p:' || md5(CAST(n % $subjects AS VARCHAR))) AS subject_key,
    TIMESTAMP '2020-01-01' + INTERVAL (n % 1000) DAY AS occurred_at, DATE '2020-01-01' + (n % 1000)::INTEGER AS occurred_on,
    TIMESTAMP '2020-01-01' + INTERVAL (n % 1000) DAY AS recorded_at, 'unit' || (n % 40) AS unit, 'spell' || n AS episode,
    'kontanthjaelp' AS code, NULL::DOUBLE AS value, NULL::BIGINT AS amount_ore, '{"reason":"work"}' AS fields, NULL::VARCHAR AS attributes,
    NULL::VARCHAR AS effort, 'kerneeffekt.employment' AS feed, 0::INTEGER AS part, $first + row_number() OVER () - 1 AS "offset"
FROM (SELECT unnest(range($start, $stop)) AS n UNION ALL SELECT unnest(range($again_start, $again_stop)))
"""


class NoTranslation:
    """Touches subjects like any, and says nothing of them."""

    milestone_types = frozenset({"employment.benefit_ended", "employment.placement_started"})
    reads_attributes = False

    def statements(self) -> list[str]:
        """An empty result of the right shape."""
        return [
            "CREATE OR REPLACE TEMP TABLE verdict AS"
            " SELECT 1 AS indicator_no, * EXCLUDE (content_hash, version, batch) FROM effect LIMIT 0",
            "CREATE OR REPLACE TEMP VIEW fresh_effect AS FROM verdict",
            "CREATE OR REPLACE TEMP TABLE indicator AS SELECT indicator_no, indicator_id, indicator_version, core_task_id FROM verdict",
        ]

    clearing = "DROP VIEW fresh_effect; DROP TABLE verdict; DROP TABLE indicator"


class Feed:
    """Makes batches: records start..stop, and some that came before."""

    def __init__(self, subjects: int, rejected: pa.Table) -> None:
        self.connection, self.subjects, self.rejected, self.next = duckdb.connect(), subjects, rejected, 0

    def batch(self, start: int, stop: int, again: tuple[int, int] = (0, 0)) -> Staged:
        """One stretch of records."""
        asked = {
            "subjects": self.subjects,
            "first": self.next,
            "start": start,
            "stop": stop,
            "again_start": again[0],
            "again_stop": again[1],
        }
        events = self.connection.execute(_EVENTS, asked).to_arrow_table(20_000)
        first, self.next = self.next, self.next + events.num_rows
        return Staged(FEED, 0, first, self.next, events, self.rejected)


def timed(store: Store, staged: Staged) -> tuple[float, Any]:
    """Seconds for one commit, and its summary."""
    began = time.perf_counter()
    summary = store.commit([staged])
    return time.perf_counter() - began, summary


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--history", type=int, default=5_000_000)
    parser.add_argument("--batch", type=int, default=200_000)
    options = parser.parse_args()
    print(f"{platform.platform()}, {os.cpu_count()} processors, Python {platform.python_version()}, DuckDB {duckdb.__version__}")
    with tempfile.TemporaryDirectory() as folder, Store.open(Path(folder), CATALOGUE, translation=NoTranslation()) as store:
        rejected = store.connection.execute("SELECT * EXCLUDE (batch, retried, event_key, content_hash) FROM quarantine").to_arrow_table()
        feed, n, size = Feed(max(1, options.history // 6), rejected), 0, options.batch
        while n < options.history:
            seconds, _ = timed(store, feed.batch(n, n + size))
            print(f"history {n:>9,}: {size:,} records in {seconds:.2f} s, {size / seconds:>9,.0f}/s")
            n += size
        for name, batch in (
            ("new records", feed.batch(n, n + size)),
            ("2 % repetitions", feed.batch(n + size, n + 2 * size - size // 50, (1000, 1000 + size // 50))),
            ("all repetitions", feed.batch(0, size)),
            ("a small batch", feed.batch(n + 2 * size, n + 2 * size + 1000)),
        ):
            seconds, summary = timed(store, batch)
            print(
                f"{name}: {batch.received:,} records in {seconds:.2f} s; {summary.accepted:,} accepted, {summary.duplicates:,} duplicates"
            )
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
        print(f"file {(store.folder / FILE).stat().st_size >> 20} MiB, peak memory {peak} MiB")


if __name__ == "__main__":
    main()
