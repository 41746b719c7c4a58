"""The whole mart over a big town, and again after some new events: seconds, processor, memory, beside a plain query that only counts.

    python -m benchmarks.mart [--events 5000000] [--units 500] [--indicators 40] [--cohorts 36] [--new 10000] [--k 5] [--no-gate]

The town is made once per size and kept under build/bench_mart. Every figure comes from a process of its own; the refresh is held against
a full build of the very same state, table by table. With --k 1 nothing is hidden, and what seeking it takes is left out.
Writes build/bench_mart.json.
"""

import argparse
import datetime as dt
import json
import os
import platform
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb

from benchmarks import mart_town
from models.catalogue import Catalogue
from pipelines.database import FILE, Resources
from pipelines.gate import Verdict, run_gate
from pipelines.mart import quoted
from pipelines.publish import publish
from pipelines.store import Store

BUILD = Path(__file__).parent.parent / "build"
AS_OF = dt.date(2026, 6, 30)
PLAIN = """
SELECT indicator_id, unit_id, date_trunc('month', index_on) AS cohort, outcome, count(*) AS n
FROM store.effect GROUP BY ALL
"""
"""What the mart is held against: the records of the newest version counted, by unit, indicator, cohort and outcome. Nothing else."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, number in (("events", 5_000_000), ("units", 500), ("indicators", 40), ("cohorts", 36), ("new", 10_000), ("k", 5)):
        parser.add_argument(f"--{name}", type=int, default=number)
    parser.add_argument("--no-gate", action="store_true", help="leave the quality gate's process out")
    parser.add_argument("--out", type=Path, default=BUILD / "bench_mart.json")
    parser.add_argument("--one", choices=("plain", "publish"), help=argparse.SUPPRESS)
    parser.add_argument("--store", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--to", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.one:
        sys.stdout.write(json.dumps(_ONE[asked.one](asked)) + "\n")
        return 0
    result = measure(asked)
    asked.out.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    sys.stdout.write(json.dumps(result, indent=2) + "\n")
    return 0 if result["refresh_equals_full"] else 1


def measure(asked: argparse.Namespace) -> dict[str, Any]:
    """Full build, refresh and a full build of the refreshed state."""
    town = a_town(asked)
    with tempfile.TemporaryDirectory(dir=BUILD) as folder:
        store, published, anew = (Path(folder) / name for name in ("store", "published", "anew"))
        shutil.copytree(town, store)
        plain = apart(asked, "plain", store, published)
        full = apart(asked, "publish", store, published)
        accepted = add(asked, store)
        refresh = apart(asked, "publish", store, published)
        again = apart(asked, "publish", store, anew)
    return {
        "machine": f"{platform.platform()}, {len(os.sched_getaffinity(0))} processors, DuckDB {duckdb.__version__}",
        "size": {name: getattr(asked, name) for name in ("events", "units", "indicators", "cohorts", "k")} | {"new_events": accepted},
        "plain_count": plain,
        "full": full,
        "refresh": refresh,
        "full_again": again,
        "refresh_equals_full": refresh["tables"] == again["tables"],
        "full_over_plain": round(full["seconds"] / plain["seconds"], 1),
        "refresh_over_full": round(refresh["seconds"] / again["seconds"], 3),
        "refresh_over_full_processor": round(refresh["processor_seconds"] / again["processor_seconds"], 3),
        "full_over_plain_processor": round(full["processor_seconds"] / plain["processor_seconds"], 1),
    }


def a_town(asked: argparse.Namespace) -> Path:
    """The store of this size, made when it is not there yet; translated anew when another translation made it."""
    folder = BUILD / "bench_mart" / f"{asked.events}-{asked.units}-{asked.indicators}-{asked.cohorts}"
    whole = folder.parent / f"{folder.name}.whole"
    if not whole.exists():
        began = time.perf_counter()
        mart_town.fill(folder, described(asked), asked.events, asked.units, asked.cohorts)
        whole.write_text(f"{time.perf_counter() - began:.0f} s\n", encoding="utf-8")
    with Store.open(folder, described(asked), resources=Resources(memory="1GiB")) as store:
        if store.rebuild_due:  # kept from before the translation changed
            store.rebuild()
    return folder


def described(asked: argparse.Namespace) -> Catalogue:
    """The town's catalogue."""
    return mart_town.catalogue(asked.units, asked.indicators, asked.k)


def add(asked: argparse.Namespace, folder: Path) -> int:
    """New events of new citizens, in all cohorts; how many."""
    with Store.open(folder, described(asked), resources=Resources(memory="1GiB")) as store:
        return mart_town.later(store, asked.new, asked.units, asked.cohorts, first=asked.events)


def apart(asked: argparse.Namespace, what: str, store: Path, published: Path) -> dict[str, Any]:
    """One measurement in a process of its own."""
    sizes = [part for name in ("events", "units", "indicators", "cohorts", "new", "k") for part in (f"--{name}", str(getattr(asked, name)))]
    gate = ["--no-gate"] if asked.no_gate else []
    command = [sys.executable, "-m", "benchmarks.mart", *sizes, *gate, "--one", what, "--store", str(store), "--to", str(published)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    sys.stderr.write(f"{what}: {found['seconds']} s, {found['processor_seconds']} s of processor, {found['peak_rss_mib']} MiB\n")
    return found


def _counted(asked: argparse.Namespace) -> dict[str, Any]:
    with duckdb.connect(config={"threads": 2}) as connection:
        connection.execute(f"ATTACH {quoted(asked.store / FILE)} AS store (READ_ONLY)")
        return _timed(lambda: {"rows": len(connection.execute(PLAIN).fetchall())})


def _published(asked: argparse.Namespace) -> dict[str, Any]:
    gate = (lambda mart, k: Verdict(True, 0, ())) if asked.no_gate else run_gate

    def run() -> dict[str, Any]:
        made = publish(asked.store, described(asked), asked.to, AS_OF, gate=gate)
        size = sum(file.stat().st_size for file in made.folder.iterdir())
        told = {name: made.manifest[name] for name in ("timings", "tables")}
        return told | {"folder_mib": size >> 20, "rows": {name: one["rows"] for name, one in told["tables"].items() if one["rows"] > 1000}}

    return _timed(run)


def _timed(work: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    clock, used = time.perf_counter(), time.process_time()
    found = work()
    measured = {"seconds": round(time.perf_counter() - clock, 2), "processor_seconds": round(time.process_time() - used, 2)}
    peak, below = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    memory = {"peak_rss_mib": peak.ru_maxrss >> 10, "gate_processor_seconds": round(below.ru_utime + below.ru_stime, 2)}
    return measured | memory | {"gate_peak_rss_mib": below.ru_maxrss >> 10} | found


_ONE = {"plain": _counted, "publish": _published}


if __name__ == "__main__":
    sys.exit(main())
