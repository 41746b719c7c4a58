"""Events per second through the worker on a real broker, beside the raw client and a stock Faust agent; memory, restart, rebuild.

    python -m benchmarks.kafka --events 5000000 [--broker 127.0.0.1:9092] [--runs 3] [--stock-events 50000]

Everything in one run, each number the median of several runs with its range. Writes build/bench.json.
"""

import argparse
import contextlib
import importlib.metadata
import json
import os
import platform
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import duckdb
from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient

from config.catalogue import load_catalogue
from models.errors import BrokerError
from pipelines.store import Store
from streams.effects import producer_settings
from streams.send import send_lines
from streams.topics import EFFECTS_TOPIC, LARGEST_RECORD_BYTES, Broker, event_topics
from tests.broker import free_port, running_broker

PROJECT = Path(__file__).parent.parent
HERE = Path(__file__).parent
PARTITIONS = 4
FIRST_COMMIT_WITHIN_S = 120.0
LEFT_TO_COMMIT = 1_000
LIBRARIES = ("faust-streaming", "aiokafka", "duckdb", "pydantic", "confluent-kafka")
OWN = "SELECT * EXCLUDE (content_hash, version, batch) FROM effect"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=500_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--stock-events", type=int, default=50_000, help="the stock agent is stopped after so many: it is slow")
    parser.add_argument("--broker", default="127.0.0.1:9092", help="where nothing answers, a broker is started for the time of the run")
    parser.add_argument("--out", type=Path, default=PROJECT / "build" / "bench.json")
    asked = parser.parse_args()
    # Told to stop, the broker that was started here must go too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    with a_broker(asked.broker) as broker, topics(broker) as prefix, tempfile.TemporaryDirectory(dir=build_folder()) as folder:
        result = measure(broker, prefix, Path(folder), asked.events, asked.runs, asked.stock_events)
    asked.out.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    print(json.dumps(result, indent=2))
    return 0 if result["answers_agree"] else 1


def build_folder() -> Path:
    folder = PROJECT / "build"
    folder.mkdir(exist_ok=True)
    return folder


@contextlib.contextmanager
def a_broker(address: str) -> Iterator[str]:
    try:
        Broker(address, answer_within_s=3).partitions()
    except BrokerError:
        with running_broker(heap="768m") as started:
            yield started
    else:
        yield address


@contextlib.contextmanager
def topics(broker: str) -> Iterator[str]:
    """A prefix of topics for this run only; they are deleted at the end."""
    prefix = f"bench-{os.getpid()}-{int(time.time())}."
    names = [*event_topics(prefix), prefix + EFFECTS_TOPIC]
    Broker(broker).ensure_topics(names, PARTITIONS)
    try:
        yield prefix
    finally:
        admin = AdminClient({"bootstrap.servers": broker})
        for deleted in admin.delete_topics(names).values():
            deleted.result(timeout=30)


def measure(broker: str, prefix: str, folder: Path, n_events: int, n_runs: int, n_stock: int) -> dict[str, Any]:
    n_sent, n_bytes, send_rate = send(broker, prefix, n_events)
    say(f"{n_sent:,} records of {n_bytes / n_sent:.0f} bytes are on the broker ({send_rate:,.0f}/s)")
    raw, own, stock, peaks = [], [], [], []
    store = folder / "store"
    for run in range(n_runs):
        raw.append(python("benchmarks.raw_client", broker, prefix)["events_per_second"])
        shutil.rmtree(store, ignore_errors=True)
        done = python("benchmarks.worker_process", broker, prefix, store, 0)
        own.append(done["records"] / done["seconds"])
        peaks.append(done["peak_rss_mib"])
        stock.append(python("benchmarks.stock_faust", broker, prefix, min(n_stock, n_events // 2), folder)["events_per_second"])
        say(f"run {run + 1}: raw client {raw[-1]:,.0f}/s, worker {own[-1]:,.0f}/s ({done['batches']} batches), stock {stock[-1]:,.0f}/s")
        if done["records"] != n_sent:
            raise SystemExit(f"{n_sent} records were sent, but {done['records']} were stored")
    rebuilds, agree = rebuild_against_plain(store, n_runs)
    restarts = [restart_seconds(broker, prefix, folder / f"killed-{run}") for run in range(n_runs)]
    to_raw = [mine / theirs for mine, theirs in zip(own, raw, strict=True)]
    to_stock = [mine / theirs for mine, theirs in zip(own, stock, strict=True)]
    ratios = [mine / theirs for mine, theirs in rebuilds]
    return {
        "events": n_sent,
        "bytes_per_event": round(n_bytes / n_sent),
        "partitions": PARTITIONS,
        "runs": n_runs,
        "events_per_second": round(statistics.median(own)),
        "events_per_second_range": around(own, 0),
        "raw_client_events_per_second": round(statistics.median(raw)),
        "raw_client_range": around(raw, 0),
        "stock_faust_events_per_second": round(statistics.median(stock)),
        "stock_faust_range": around(stock, 0),
        "ratio_to_raw_client": round(statistics.median(to_raw), 3),
        "ratio_to_raw_client_range": around(to_raw, 3),
        "ratio_to_stock_faust": round(statistics.median(to_stock), 2),
        "ratio_to_stock_faust_range": around(to_stock, 2),
        "peak_rss_mib": round(max(peaks)),
        "rebuild_ratio": round(statistics.median(ratios), 2),
        "rebuild_ratio_range": around(ratios, 2),
        "rebuild_seconds": round(statistics.median(mine for mine, _ in rebuilds), 2),
        "plain_query_seconds": round(statistics.median(theirs for _, theirs in rebuilds), 2),
        "answers_agree": agree,
        "restart_seconds": round(statistics.median(restarts), 2),
        "restart_seconds_range": around(restarts, 2),
        "send_events_per_second": round(send_rate),
        "machine": machine(),
        "versions": {name: importlib.metadata.version(name) for name in LIBRARIES},
    }


def say(sentence: str) -> None:
    print(sentence, file=sys.stderr, flush=True)


def around(values: list[float], digits: int) -> list[float]:
    return [round(min(values), digits), round(max(values), digits)]


def machine() -> dict[str, Any]:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") >> 20
    return {
        "processors": len(os.sched_getaffinity(0)),
        "memory_mib": memory,
        "system": platform.platform(),
        "python": platform.python_version(),
    }


def send(broker: str, prefix: str, n_events: int) -> tuple[int, int, float]:
    """Put the events on the broker; records, bytes and records per second."""
    connection = duckdb.connect(config={"memory_limit": "3GB", "temp_directory": str(build_folder() / "tmp")})
    rows = connection.execute((HERE / "kafka_events.sql").read_text(encoding="utf-8"), {"n": n_events, "first": 0}).to_arrow_reader(50_000)
    lines = (line.encode() for batch in rows for line in batch.column(0).to_pylist())
    refusals: list[str] = []
    settings = producer_settings(broker) | {"message.max.bytes": LARGEST_RECORD_BYTES, "delivery.report.only.error": True}
    began = time.perf_counter()
    done = send_lines(lines, Producer(settings | {"on_delivery": lambda e, m: refusals.append(e.str())}), refusals, lambda n: None, prefix)
    connection.close()
    return done.sent, done.n_bytes, done.sent / (time.perf_counter() - began)


def python(module: str, *arguments: object) -> dict[str, Any]:
    """Run a module as a process of its own; what it prints last is JSON."""
    done = subprocess.run([sys.executable, "-m", module, *map(str, arguments)], cwd=PROJECT, capture_output=True, text=True, check=False)
    if done.returncode or not done.stdout.strip():
        raise SystemExit(f"{module} ended with {done.returncode}: {done.stderr.strip()[-2000:]}")
    answer: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return answer


def rebuild_against_plain(folder: Path, n_runs: int) -> tuple[list[tuple[float, float]], bool]:
    """Seconds of a rebuild and of the plain query, several times; and whether both give the same answer.

    Both make every effect record anew, with all its columns, and write it into the store's file.
    """
    plain = (HERE / "rebuild_plain.sql").read_text(encoding="utf-8")
    with Store.open(folder, load_catalogue(HERE / "catalogue")) as store:
        times = []
        for _ in range(n_runs):
            store.connection.execute("DELETE FROM effect; DROP TABLE IF EXISTS plain; CHECKPOINT store")
            times.append((seconds(store.rebuild), seconds(lambda: store.connection.execute(f"CREATE TABLE plain AS {plain}"))))
        both_ways = f"SELECT count(*) FROM ((FROM plain EXCEPT ({OWN})) UNION ALL (({OWN}) EXCEPT FROM plain))"
        differences = store.connection.execute(both_ways).fetchone()
        store.connection.execute("DROP TABLE plain")
        return times, differences == (0,)


def seconds(action: Callable[[], Any]) -> float:
    began = time.perf_counter()
    action()
    return time.perf_counter() - began


def restart_seconds(broker: str, prefix: str, folder: Path) -> float:
    """Seconds from the start of a worker to its first commit, after its predecessor was killed in the middle of its work."""
    first, port = start_worker(broker, prefix, folder)
    wait_for_commits(port, 1)
    first.send_signal(signal.SIGKILL)
    first.wait()
    # A small run may be stored whole by then: there must be something left to commit.
    send(broker, prefix, LEFT_TO_COMMIT)
    began = time.perf_counter()
    second, port = start_worker(broker, prefix, folder)
    try:
        wait_for_commits(port, 1)
        return time.perf_counter() - began
    finally:
        second.kill()
        second.wait()
        shutil.rmtree(folder, ignore_errors=True)


def start_worker(broker: str, prefix: str, folder: Path) -> tuple[subprocess.Popen[bytes], int]:
    port = free_port()
    command = [sys.executable, "-m", "benchmarks.worker_process", broker, prefix, str(folder), str(port), "--stay"]
    return subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.DEVNULL), port


def wait_for_commits(port: int, n: int) -> None:
    deadline = time.monotonic() + FIRST_COMMIT_WITHIN_S
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError):
            text = urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=2).read().decode()
            if any(line.startswith("kerneeffekt_batches_committed_total") and float(line.split()[-1]) >= n for line in text.splitlines()):
                return
        time.sleep(0.02)
    raise SystemExit(f"no commit within {FIRST_COMMIT_WITHIN_S:.0f} s")


if __name__ == "__main__":
    sys.exit(main())
