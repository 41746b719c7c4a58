"""How soon the pages come from the server over a generated mart of many units, beside a page of the same framework that says one word.

    python -m benchmarks.page [--units 500] [--indicators 8] [--cohorts 24] [--runs 30]

The server is the real one, on a socket of its own; every page is asked for by the same client in turn with the bare page, so that both meet
the same machine. The first answer of a page (nothing asked or drawn yet) is told apart from the median of the others, which rest on kept
answers. Writes build/bench_page.json; exit code 1 when the very first answer of the first page takes longer than `LIMIT_MS`.
"""

import argparse
import json
import platform
import socket
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import httpx
import uvicorn
from fastapi import FastAPI
from fastapi.responses import PlainTextResponse

from dashboard.app import create_app
from dashboard.svg import warm_up
from pipelines.tables import TABLES
from pipelines.views import add_views

BUILD = Path(__file__).parent.parent / "build"
ROWS = Path(__file__).parent / "page_rows.sql"
LIMIT_MS = 200.0
VERSION = "v20260630T040000000000"
BARE = "/bare"


def main() -> int:
    """Make the mart, ask for the pages, write what was measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name, usual in (("units", 500), ("indicators", 8), ("cohorts", 24), ("runs", 30)):
        parser.add_argument(f"--{name}", type=int, default=usual)
    parser.add_argument("--out", type=Path, default=BUILD / "bench_page.json")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        published = publish_town(Path(folder), asked.units, asked.indicators, asked.cohorts)
        with serving(published) as address:
            result = measure(address, asked.runs)
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
def serving(published: Path) -> Iterator[str]:
    """The page's server and, under `BARE` of a second one, the bare page; gives the address of the first with the second's port beside."""
    bare = FastAPI()
    bare.add_api_route(BARE, lambda: PlainTextResponse("hello"))
    warm_up()
    app = create_app(published, requests_per_minute=1_000_000)
    app.state.publications.newest()  # as `serve` does before anybody asks
    with _listening(app) as pages, _listening(bare) as plain:
        yield f"{pages} {plain}"


@contextmanager
def _listening(app: FastAPI) -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=port, log_level="error"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(10)


def measure(addresses: str, runs: int) -> dict[str, Any]:
    """Milliseconds of each page: the first answer, the median, the slowest of twenty; and of the bare page asked in between."""
    pages, plain = addresses.split()
    found: dict[str, Any] = {}
    bare: list[float] = []
    with httpx.Client(timeout=60) as client:
        for path in ("/", "/core-tasks/task_0", "/indicators/indicator_0", "/indicators/indicator_0/krone", "/units", "/units/unit_7"):
            took = []
            for _ in range(runs):
                took.append(_milliseconds(client, pages + path))
                bare.append(_milliseconds(client, plain + BARE))
            later = took[1:] or took
            found[path] = {"first_ms": round(took[0], 1), "median_ms": round(statistics.median(later), 1), "slow_ms": _slow(later)}
    return {"pages": found, "bare_page_ms": round(statistics.median(bare), 2)}


def _slow(took: list[float]) -> float:
    return round(sorted(took)[int(0.95 * (len(took) - 1))], 1)


def _milliseconds(client: httpx.Client, address: str) -> float:
    began = time.perf_counter()
    client.get(address).raise_for_status()
    return 1000 * (time.perf_counter() - began)


if __name__ == "__main__":
    sys.exit(main())
