"""The fast record path against pydantic: `python -m tests.fuzz_intake --inputs 1000000 --seed 1`.

For every input: the fast SQL may accept it only where `models.records` accepts it, with the values that a plain-Python mapping
gives; and each record comes out exactly once, as an event or quarantined. The seed names the inputs, so a failure can be repeated.
"""

import argparse
import random
import sys
import time
from dataclasses import dataclass

import pyarrow as pa

from models import personal_number
from models.records import MalformedError, ParsedEvent, Quarantined, parse_record, read_json
from pipelines.intake import Intake, texts_of
from pipelines.intake_worker import Worker
from tests.intake_reference import actual_row, expected_row, random_record

CHUNK = 20_000


@dataclass
class Tally:
    """What a run has seen."""

    inputs: int = 0
    accepted: int = 0
    fast: int = 0


class DifferenceError(AssertionError):
    """The two paths disagree; names the input by seed and number."""


def check(records: list[bytes], worker: Worker, intake: Intake, tally: Tally, label: str) -> None:
    """Compare both paths on these records; raises DifferenceError at the first difference."""
    parsed = [parse_record(record) for record in records]
    texts = texts_of(records)
    alike, fast = _by_position(worker.extract_alike(texts)), _by_position(worker.extract(texts, checked=True))
    for position, row in [*alike.items(), *fast.items()]:
        _same(parsed[position], row, f"{label}, input {position}: fast path")
    staged = intake.read("fuzz", 0, 0, records)
    events = {row["offset"]: row for row in staged.events.to_pylist()}
    refused = {row["offset"]: row for row in staged.quarantined.to_pylist()}
    for position, expected in enumerate(parsed):
        if isinstance(expected, ParsedEvent):
            if position not in events or position in refused:
                raise DifferenceError(f"{label}, input {position}: accepted by pydantic, lost by the intake")
            _same(expected, events[position], f"{label}, input {position}: intake")
        elif position not in refused or position in events:
            raise DifferenceError(f"{label}, input {position}: refused by pydantic, not by the intake")
        elif refused[position]["class"] == "personal_number" and _still_personal(refused[position]["raw"]):
            raise DifferenceError(f"{label}, input {position}: the kept bytes still hold a personal number")
    if staged.received != len(records):
        raise DifferenceError(f"{label}: {len(records)} records went in, {staged.received} came out")
    tally.inputs += len(records)
    tally.accepted += len(events)
    tally.fast += len(fast)


def _still_personal(kept: bytes) -> bool:
    """What a reader would see in bytes that were kept: by values where they are JSON (1010756234.5 is no such number), else as text."""
    try:
        return personal_number.in_document(read_json(kept))
    except MalformedError:
        return personal_number.redact_bytes(kept) is not None


def _by_position(rows: pa.Table) -> dict[int, dict[str, object]]:
    return {row["position"]: row for row in rows.to_pylist()}


def _same(parsed: ParsedEvent | Quarantined, row: dict[str, object], where: str) -> None:
    if isinstance(parsed, Quarantined):
        raise DifferenceError(f"{where} accepts what pydantic refuses: {parsed.reason} {parsed.faults_json}")
    expected, actual = expected_row(parsed), actual_row(row)
    different = [name for name in expected if expected[name] != actual[name]]
    if different:
        raise DifferenceError(f"{where} differs in {different}: {[(expected[name], actual[name]) for name in different]}")


def main() -> int:
    """Run the command; 0 when both paths agree on everything."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--inputs", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    tally, started = Tally(), time.monotonic()
    worker, intake = Worker("Europe/Copenhagen", worth_a_statement=1), Intake("Europe/Copenhagen")
    with intake:
        for chunk, start in enumerate(range(0, options.inputs, CHUNK)):
            rng = random.Random(f"{options.seed}-{chunk}")
            records = [random_record(rng, start + number) for number in range(min(CHUNK, options.inputs - start))]
            check(records, worker, intake, tally, f"seed {options.seed}, chunk {chunk}")
            if sys.stderr.isatty() or chunk % 5 == 0:
                print(f"{tally.inputs:,} inputs, {time.monotonic() - started:.0f} s", file=sys.stderr)
    print(
        f"{tally.inputs:,} inputs, {tally.accepted:,} accepted, {tally.fast:,} of them on the fast path, "
        f"{worker.n_cut_out:,} by their layout: no difference"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
