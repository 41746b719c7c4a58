"""What the child is fed: the invented municipality, with repetitions, conflicts, late corrections and bad records mixed in by one seed."""

import json
import random
from pathlib import Path

from pipelines.simulate import simulate

CITIZENS = 100
YEARS = 1


def write_workload(folder: Path, seed: int) -> list[Path]:
    """Two files of events; the same seed gives the same bytes."""
    chance = random.Random(seed)
    simulated = folder / "simulated.ndjson"
    simulate(simulated, CITIZENS, YEARS, seed)
    lines = simulated.read_bytes().splitlines()
    events = [json.loads(line) for line in lines if line.startswith(b"{") and line.endswith(b"}")]
    milestones = [event for event in events if ".employment." in event.get("type", "") and "unit" in event.get("data", {})]
    lines += chance.choices(lines, k=len(lines) // 10)
    lines += [_conflict(event) for event in chance.sample(milestones, 12)]
    lines += [line for n, event in enumerate(chance.sample(milestones, 16)) for line in _corrections(event, n, chance)]
    lines += [b"not json", b"", b"\xff\xfe", b'{"specversion":"1.0"}', lines[0][: len(lines[0]) // 2]]
    chance.shuffle(lines)
    half = len(lines) // 2
    paths = [folder / "first.ndjson", folder / "second.ndjson"]
    paths[0].write_bytes(b"\n".join(lines[:half]) + b"\n")
    paths[1].write_bytes(b"\n".join(lines[half:]))  # the last line has no newline
    return paths


def _conflict(event: dict[str, object]) -> bytes:
    return json.dumps(event | {"data": {**event["data"], "unit": "conflicting"}}).encode()  # type: ignore[dict-item]


def _corrections(event: dict[str, object], number: int, chance: random.Random) -> list[bytes]:
    """A retraction or replacement of an event, and now and then one of that correction."""
    first = _correction(f"k{number}", str(event["source"]), str(event["id"]), event, chance)
    again = [_correction(f"kk{number}", "urn:invented:crash", f"k{number}", first, chance)] if chance.random() < 0.4 else []
    return [json.dumps(line).encode() for line in (first, *again)]


def _correction(id_: str, source: str, target: str, event: dict[str, object], chance: random.Random) -> dict[str, object]:
    day = chance.randint(10, 28)
    data: dict[str, object] = {"target_source": source, "target_id": target}
    fact = "event_retracted"
    if chance.random() < 0.5:
        fact = "event_replaced"
        data["replacement"] = {"time": f"2025-03-{day}T10:00:00Z", "data": event["data"]}
    return {
        "specversion": "1.0", "id": id_, "source": "urn:invented:crash", "type": f"dk.kerneopgave.correction.{fact}.v1",
        "subject": event["subject"], "time": f"2025-11-{day}T10:00:00Z", "data": data,
    }  # fmt: skip
