"""`python -m tests.cases [--only NAME] [--feed files|kafka]`: real data through the real command line, held against independent answers.

Each case folder holds a catalogue and `figures.yaml` (what the mart says, and where the independent answer stands in the case's
`expected.json`). The data themselves stay outside the project, in the folder named by CASES (default `../shared/cases`).
Prints expected, got and the relative difference of every figure; exits 1 above 1e-6, and for counts and money on any difference.
"""

import argparse
import itertools
import json
import os
import random
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import yaml
from rich.console import Console
from rich.table import Table

HERE = Path(__file__).parent
PROJECT = HERE.parent.parent
TOLERANCE = 1e-6


def figures(spec: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Every figure of a case; one with `for` stands for all combinations, `rename` translates a value on the expected side."""
    for figure in spec["figures"]:
        names, values = list(figure.get("for", {})), list(figure.get("for", {}).values())
        for chosen in itertools.product(*values):
            here = dict(zip(names, chosen, strict=True))
            there = {name: figure.get("rename", {}).get(value, value) for name, value in here.items()}
            yield {
                "name": figure["name"].format(**here),
                "sql": figure["sql"].format(**here),
                "expected": figure.get("expected", "").format(**there),
                "expected_value": figure.get("expected_value"),
                "exact": figure.get("exact", False),
            }


def look_up(answers: Any, path: str) -> Any:
    """The value at a dotted path; list positions are numbers."""
    for step in path.split("."):
        answers = answers[int(step)] if isinstance(answers, list) else answers[step]
    return answers


def run(*command: str) -> None:
    """Run one command of the product; its own words on failure."""
    quiet = os.environ | {"PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False, env=quiet)
    if done.returncode:
        sys.exit(f"{' '.join(command[:3])} ... ended with {done.returncode}:\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}")


def shuffled(source: Path) -> Path:
    """The same lines in another order (seed 20121001)."""
    lines = source.read_text(encoding="utf-8").splitlines()
    random.Random(20121001).shuffle(lines)
    target = source.with_name("shuffled.ndjson")
    target.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return target


def publish_case(case: str, spec: dict[str, Any], data: Path, work: Path, feed: str, broker: str) -> Path:
    """From the case's data to a published mart; returns the mart file."""
    kerneeffekt = str(Path(sys.executable).with_name("kerneeffekt"))
    events, catalogue, store, published = work / "events.ndjson", HERE / case / "catalogue", work / "store", work / "published"
    run(sys.executable, str(data / "to_events.py"), str(events))
    files = [str(shuffled(events) if kind == "shuffled" else events) for kind in spec.get("feed", ["as_is"])]
    common = ["--catalogue", str(catalogue), "--store", str(store)]
    if feed == "kafka":
        prefix = f"{case}.{os.getpid()}."
        run(kerneeffekt, "send", *files, "--broker", broker, "--topic-prefix", prefix)
        run(kerneeffekt, "worker", *common, "--broker", broker, "--topic-prefix", prefix, "--until-caught-up", "--metrics-port", "0")
    else:
        run(kerneeffekt, "replay", *files, *common)
    run(kerneeffekt, "publish", *common, "--to", str(published), "--as-of", str(spec["as_of"]))
    return published / (published / "CURRENT").read_text(encoding="utf-8").strip() / "mart.duckdb"


def compare(case: str, spec: dict[str, Any], answers: Any, mart: Path, console: Console, title: str) -> int:
    """Print every figure; return how many differ."""
    table = Table(title=title, title_justify="left")
    for heading, justify in (("figure", "left"), ("expected", "right"), ("got", "right"), ("relative difference", "right"), ("", "left")):
        table.add_column(heading, justify=justify)  # type: ignore[arg-type]
    wrong = 0
    with duckdb.connect() as con:
        con.execute(f"ATTACH '{mart}' AS mart (READ_ONLY); USE mart")
        for figure in figures(spec):
            expected = figure["expected_value"] if figure["expected_value"] is not None else look_up(answers, figure["expected"])
            row = con.execute(figure["sql"]).fetchone()
            got = None if row is None or row[0] is None else float(row[0])
            difference = float("inf") if got is None else abs(got - expected) / (abs(expected) or 1.0)
            right = difference == 0 if figure["exact"] else difference <= TOLERANCE
            wrong += not right
            table.add_row(figure["name"], repr(expected), repr(got), f"{difference:.1e}", "ok" if right else "WRONG")
    console.print(table)
    return wrong


def main() -> int:
    """Run the cases asked for; 0 when every figure is right."""
    parser = argparse.ArgumentParser(prog="make cases", description=__doc__)
    parser.add_argument("--only", action="append", default=[], help="names that a case folder starts with")
    parser.add_argument("--feed", choices=["files", "kafka"], default="files")
    parser.add_argument("--broker", default="localhost:9092")
    options = parser.parse_args()
    data_root = Path(os.environ.get("CASES", PROJECT.parent / "shared" / "cases"))
    if not data_root.is_dir():
        sys.exit(f"no folder {data_root}: the real cases are not part of the project; say CASES=/path/to/cases")
    console, wrong, count = Console(width=150), 0, 0
    for folder in sorted(HERE.glob("*/figures.yaml")):
        case, spec = folder.parent.name, yaml.safe_load(folder.read_text(encoding="utf-8"))
        if options.only and not any(case.startswith(name) for name in options.only):
            continue
        if options.feed == "kafka" and not spec.get("kafka"):
            continue
        data = data_root / case
        answers = json.loads((data / "expected.json").read_text(encoding="utf-8"))
        with tempfile.TemporaryDirectory(prefix="kerneeffekt-case-") as work:
            mart = publish_case(case, spec, data, Path(work), options.feed, options.broker)
            wrong += compare(case, spec, answers, mart, console, f"{case} ({options.feed})")
        count += 1
    console.print(f"{count} cases by {options.feed}, {wrong} figures differ")
    return 1 if wrong or not count else 0


if __name__ == "__main__":
    sys.exit(main())
