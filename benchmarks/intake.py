"""How fast are records taken apart? `python -m benchmarks.intake [--events 200000] [--threads 2] [--runs 3]`.

Generated employment and ledger events of about 370 bytes, some with attributes. Prints events per second (median of the runs), CPU
time per event, and the ratio to pydantic alone: `validate_json` of the envelope model, which is less work than the intake does.
"""

import argparse
import json
import os
import platform
import random
import statistics
import time
from collections.abc import Callable
from typing import Any

from pydantic import TypeAdapter

from models.records import Envelope
from pipelines.intake import Intake

PYDANTIC_SAMPLE = 20_000


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
    records = events(options.events)
    print(
        f"{platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}; "
        f"{options.events:,} events, mean {sum(map(len, records)) // len(records)} bytes"
    )
    alone = _pydantic_alone(records[:PYDANTIC_SAMPLE])
    print(f"pydantic alone, one thread: {alone:,.0f} events/s (envelope only)")
    with Intake("Europe/Copenhagen", threads=options.threads) as intake:
        intake.read("warm-up", 0, 0, records[:1_000])
        rates, cpu = zip(*(_timed(intake, records) for _ in range(options.runs)), strict=True)
    median = statistics.median(rates)
    print(
        f"intake, {options.threads} threads: {median:,.0f} events/s (range {min(rates):,.0f} to {max(rates):,.0f}), "
        f"{min(cpu) * 1e6:.2f} us of CPU per event"
    )
    print(f"ratio to pydantic alone: {median / alone:.2f}")


def _timed(intake: Intake, records: list[bytes]) -> tuple[float, float]:
    started, cpu = time.perf_counter(), time.process_time()
    staged = intake.read("bench", 0, 0, records)
    elapsed, used = time.perf_counter() - started, time.process_time() - cpu
    if staged.events.num_rows != len(records):
        raise SystemExit("the intake did not accept every generated event")
    return len(records) / elapsed, used / len(records)


def _pydantic_alone(records: list[bytes]) -> float:
    adapter = TypeAdapter(Envelope)
    started = time.perf_counter()
    for record in records:
        adapter.validate_json(record)
    return len(records) / (time.perf_counter() - started)


if __name__ == "__main__":
    main()
