"""How fast does a CSV export become events, and how far is that from plain csv and json in the same run?

    python -m benchmarks.send [--rows 100000]

An invented export (Windows-1252, decimal commas, dates with the day first, Danish letters; `tests/export_like.py`) goes through
`kerneeffekt send` to a file and through `replay` into a store. Beside it: csv.DictReader and json.dumps, nothing read, checked or hidden.
"""

import argparse
import csv
import json
import os
import platform
import resource
import tempfile
import time
from pathlib import Path

from config.catalogue import load_catalogue
from config.mapping import load_mapping
from models.pseudonyms import read_key_ring
from pipelines.replay import replay
from pipelines.sending.deliveries import FileDelivery
from pipelines.sending.resume import Progress
from pipelines.sending.send import CsvSummary, Sending
from pipelines.store import Store
from tests.export_like import write_export

PROJECT = Path(__file__).parent.parent


def plain(export: Path, target: Path) -> float:
    began = time.perf_counter()
    with export.open(encoding="cp1252", newline="") as source, target.open("w", encoding="utf-8") as written:
        rows = csv.DictReader(source, delimiter=";")
        written.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    return time.perf_counter() - began


def sent(export: Path, target: Path) -> tuple[float, float, CsvSummary]:
    """Seconds on the clock and of the processor, and what became of the rows."""
    mapping = load_mapping(PROJECT / "docs" / "examples" / "jobcenter.yaml")
    ring = read_key_ring(f"k1 effects {'0f' * 32}", "benchmark")
    began, worked = time.perf_counter(), time.process_time()
    with FileDelivery(target) as delivery:
        summary = Sending(mapping, ring, delivery, None, Progress(None, mapping)).send([export], lambda rows: None)
    return time.perf_counter() - began, time.process_time() - worked, summary


def stored(events: Path, folder: Path) -> tuple[float, dict[str, int]]:
    began = time.perf_counter()
    with Store.open(folder, load_catalogue(PROJECT / "config" / "demo")) as store:
        summary = replay([events], store)
    return time.perf_counter() - began, summary.as_dict()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=100_000)
    rows = parser.parse_args().rows
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        export = write_export(folder / "export.csv", rows)
        plain_s = plain(export, folder / "plain.ndjson")
        send_s, worked_s, summary = sent(export, folder / "events.ndjson")
        first_s, first = stored(folder / "events.ndjson", folder / "store")
        sent(export, folder / "again.ndjson")
        _, again = stored(folder / "again.ndjson", folder / "store")
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
        print(f"export: {rows:,} rows, {export.stat().st_size / 1e6:.1f} MB; events: {summary.sent:,}; rejected rows: {summary.rejected}")
        print(f"plain csv + json   {plain_s:6.2f} s  {rows / plain_s:9,.0f} rows/s")
        print(
            f"kerneeffekt send   {send_s:6.2f} s  {rows / send_s:9,.0f} rows/s  {send_s / plain_s:.1f} times plain;"
            f" {rows / worked_s:,.0f} rows per processor second"
        )
        print(f"replay into store  {first_s:6.2f} s  accepted {first['accepted']:,}, quarantined {first['quarantined']}")
        print(f"sent and read again: accepted {again['accepted']}, duplicates {again['duplicates']:,}; peak memory {peak:.0f} MiB")


if __name__ == "__main__":
    main()
