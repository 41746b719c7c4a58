"""How soon the pages come from the server over a generated mart of many units, beside a page of the same framework that says one word.

    python -m benchmarks.page [--units 500] [--indicators 8] [--cohorts 24] [--runs 30]

The server is the real one, on a socket of its own, warmed as `kerneeffekt serve` warms it; every page is asked for by the same client in
turn with the bare page, so that both meet the same machine. The first answer of a page (nothing of it asked or drawn yet; the front page is
made at the start) is told apart from the median of the others, which rest on kept answers. Beside the clock stands the processor time of
the process, client included: on a shared machine the clock also counts the neighbours. Writes build/bench_page.json; exit code 1 when the
very first answer of the first page takes longer than `LIMIT_MS`.
"""

import argparse
import json
import platform
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import httpx
from fastapi import FastAPI
from fastapi.responses import PlainTextResponse

from dashboard.app import create_app
from dashboard.warm import warm_process, warm_publication
from pipelines.tables import TABLES
from pipelines.views import add_views
from tests.listening import serving

BUILD = Path(__file__).parent.parent / "build"
ROWS = Path(__file__).parent / "page_rows.sql"
LIMIT_MS = 200.0
VERSION = "v20260630T040000000000"
BARE = "/bare"
PATHS = (
    "/",
    "/core-tasks/task_0",
    "/core-tasks/task_0/ranks",
    "/indicators/indicator_0",
    "/indicators/indicator_0/krone",
    "/kroner",
    "/units",
    "/units/unit_7",
    "/quality",
    "/tables",
)


@dataclass(frozen=True)
class Took:
    """One answer: on the clock, on the processor (of this process: server and client), and its size in bytes."""

    clock_ms: float
    processor_ms: float
    size: int


def main() -> int:
    """Make the mart, ask for the pages, write what was measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name, usual in (("units", 500), ("indicators", 8), ("cohorts", 24), ("runs", 30)):
        parser.add_argument(f"--{name}", type=int, default=usual)
    parser.add_argument("--out", type=Path, default=BUILD / "bench_page.json")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        published = publish_town(Path(folder), asked.units, asked.indicators, asked.cohorts)
        with serving_both(published) as addresses:
            result = measure(addresses, asked.runs)
    result |= {"units": asked.units, "indicators": asked.indicators, "cohorts": asked.cohorts, "runs": asked.runs}
    result |= {"limit_ms": LIMIT_MS, "machine": platform.platform()}
    asked.out.parent.mkdir(exist_ok=True)
    asked.out.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    sys.stdout.write(json.dumps(result, indent=2) + "\n")
    return 0 if result["pages"]["/"]["first_ms"] <= LIMIT_MS else 1


def publish_town(published: Path, units: int, indicators: int, cohorts: int) -> Path:
    """A published folder with figures for every unit, indicator and cohort; gives the folder."""
    folder = published / VERSION
    folder.mkdir(parents=True)
    connection = duckdb.connect(str(folder / "mart.duckdb"))
    for table in TABLES:
        connection.execute(table.ddl.replace('mart."', '"', 1))
    for name, size in (("units", units), ("indicators", indicators), ("cohorts", cohorts)):
        connection.execute(f"SET VARIABLE {name} = {size:d}")
    connection.execute(ROWS.read_text(encoding="utf-8"))
    connection.close()
    add_views(folder / "mart.duckdb")
    municipality = {"id": "town", "name": {"da": "Storkøbing", "en": "Bigtown"}, "currency": "DKK", "k": 5}
    manifest = {"version": VERSION, "snapshot_id": VERSION, "as_of": "2026-06-30", "municipality": municipality, "invented": True}
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    (published / "CURRENT").write_text(VERSION + "\n", encoding="utf-8")
    return published


@contextmanager
def serving_both(published: Path) -> Iterator[tuple[str, str]]:
    """The page's server, warmed as `serve` warms it, and a second one with the bare page; gives both addresses."""
    bare = FastAPI()
    bare.add_api_route(BARE, lambda: PlainTextResponse("hello"))
    app = create_app(published, requests_per_minute=1_000_000)
    warm_process()
    warm_publication(app.state.publications.newest())
    with serving(app) as pages, serving(bare) as plain:
        yield pages, plain


def measure(addresses: tuple[str, str], runs: int) -> dict[str, Any]:
    """Of each page the first answer, the median and the slowest of twenty, on both clocks; and of the bare page asked in between."""
    pages, plain = addresses
    found: dict[str, Any] = {}
    bare: list[Took] = []
    with httpx.Client(timeout=60) as client:
        _ask(client, plain + BARE)  # the client's own first time
        for path in PATHS:
            took = []
            for _ in range(runs):
                took.append(_ask(client, pages + path))
                bare.append(_ask(client, plain + BARE))
            found[path] = _told(took)
    return {"pages": found, "bare_page": _told(bare)}


def _told(took: list[Took]) -> dict[str, float]:
    later = took[1:] or took
    clock, processor = ([getattr(one, name) for one in later] for name in ("clock_ms", "processor_ms"))
    return {
        "first_ms": round(took[0].clock_ms, 1),
        "first_processor_ms": round(took[0].processor_ms, 1),
        "median_ms": round(statistics.median(clock), 1),
        "median_processor_ms": round(statistics.median(processor), 1),
        "slow_ms": round(sorted(clock)[int(0.95 * (len(clock) - 1))], 1),
        "kilobytes": round(took[0].size / 1000),
    }


def _ask(client: httpx.Client, address: str) -> Took:
    clock, processor = time.perf_counter(), time.process_time()
    answer = client.get(address).raise_for_status()
    return Took(1000 * (time.perf_counter() - clock), 1000 * (time.process_time() - processor), len(answer.content))


if __name__ == "__main__":
    sys.exit(main())
