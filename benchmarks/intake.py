"""How fast are records taken apart? `python -m benchmarks.intake [--events 200000] [--threads 2] [--runs 3]`.

Two kinds of events: generated employment and ledger events of about 370 bytes, all good, some with attributes; and those of the
benchmark on a broker (`benchmarks/kafka_events.sql`), 2 % repeated and 1 % broken. For each it prints events per second (median of the
runs), CPU time per event, and the ratio to pydantic alone: `validate_json` of the envelope model, which is less work than the intake does.
"""

import argparse
import json
import os
import platform
import random
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
from pydantic import TypeAdapter

from models.records import Envelope
from pipelines.intake import Intake
from streams.reader import MAX_RECORDS_PER_READ

PYDANTIC_SAMPLE = 20_000
KAFKA_EVENTS = Path(__file__).parent / "kafka_events.sql"


def events(n: int, seed: int = 1) -> list[bytes]:
    """`n` events of six types in turn, as a source system would send them."""
    rng = random.Random(seed)
    return [json.dumps(_event(rng, number), ensure_ascii=False, separators=(",", ":")).encode() for number in range(n)]


def _event(rng: random.Random, number: int) -> dict[str, Any]:
    day = f"2024-{1 + number // 28 % 12:02d}-{1 + number % 28:02d}"
    time_of_day = f"{number % 24:02d}:{number % 60:02d}"
    unit = f"jobcenter-{number % 40:02d}"
    fact, data = _FACTS[number % len(_FACTS)](rng, number)
    return {
        "specversion": "1.0",
        "id": f"e7c1-{number:09d}-{rng.getrandbits(32):08x}",
        "source": "urn:invented:jobcentre",
        "type": f"dk.kerneopgave.{fact}.v1",
        "subject": unit if fact.startswith("finance") else f"p:k1.{rng.getrandbits(128):032x}",
        "time": f"{day}T{time_of_day}:00+01:00",
        "recordedtime": f"{day}T{time_of_day}:30.250+01:00",
        "data": {"unit": unit} | data,
    }


def _attributes(rng: random.Random) -> dict[str, Any]:
    return {"age": rng.randint(18, 65), "months_on_benefit_before": rng.randint(0, 90), "education": "vocational"}


_FACTS: list[Callable[[random.Random, int], tuple[str, dict[str, Any]]]] = [
    lambda _, n: (
        "employment.placement_started",
        {"placement_id": f"pl-{n}", "hours_per_week": 37, "form": "ordinary", "employer_sector": "private"},
    ),
    lambda _, n: ("employment.placement_ended", {"placement_id": f"pl-{n}", "reason": "contract_ended"}),
    lambda rng, n: ("employment.benefit_started", {"spell_id": f"sp-{n}", "benefit": "kontanthjaelp", "attributes": _attributes(rng)}),
    lambda _, n: ("employment.benefit_ended", {"spell_id": f"sp-{n}", "reason": "work"}),
    lambda rng, _: ("employment.conversation_held", {"minutes": rng.randint(10, 60), "channel": "meeting"}),
    lambda rng, _: (
        "finance.ledger_posted",
        {"account": f"05{rng.randrange(10**14):014d}", "amount_ore": rng.randint(-(10**7), 10**8), "kind": "actual", "text": "Løn"},
    ),
]  # fmt: skip


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=200_000)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    print(f"{platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    alone = _pydantic_alone(events(PYDANTIC_SAMPLE))
    print(f"pydantic alone, one thread: {alone:,.0f} events/s (envelope only)")
    for name, records in {"generated": events(options.events), "as on the broker": broker_events(options.events)}.items():
        rates, cpu = _runs(records, options.threads, options.runs)
        median = statistics.median(rates)
        print(
            f"{name}: {len(records):,} events, mean {sum(map(len, records)) // len(records)} bytes; {options.threads} threads: "
            f"{median:,.0f} events/s (range {min(rates):,.0f} to {max(rates):,.0f}), {min(cpu) * 1e6:.2f} us of CPU per event, "
            f"ratio to pydantic alone {median / alone:.2f}"
        )


def broker_events(n: int) -> list[bytes]:
    """The events of the benchmark on a broker, repetitions and broken ones among them."""
    rows = duckdb.execute(KAFKA_EVENTS.read_text(encoding="utf-8"), {"n": n, "first": 0}).fetchall()
    return [line.encode() for (line,) in rows]


def _runs(records: list[bytes], threads: int, runs: int) -> tuple[list[float], list[float]]:
    with Intake("Europe/Copenhagen", threads=threads) as intake:
        _timed(intake, records)
        rates, cpu = zip(*(_timed(intake, records) for _ in range(runs)), strict=True)
    return list(rates), list(cpu)


def _timed(intake: Intake, records: list[bytes]) -> tuple[float, float]:
    """Events per second and seconds of CPU per event, in pieces as the worker's reader takes them."""
    started, cpu, received = time.perf_counter(), time.process_time(), 0
    for start in range(0, len(records), MAX_RECORDS_PER_READ):
        received += intake.read("bench", 0, start, records[start : start + MAX_RECORDS_PER_READ]).received
    elapsed, used = time.perf_counter() - started, time.process_time() - cpu
    if received != len(records):
        raise SystemExit("the intake lost records")
    return len(records) / elapsed, used / len(records)


def _pydantic_alone(records: list[bytes]) -> float:
    adapter = TypeAdapter(Envelope)
    started = time.perf_counter()
    for record in records:
        adapter.validate_json(record)
    return len(records) / (time.perf_counter() - started)


if __name__ == "__main__":
    main()
