"""`python -m tests.cases [--only NAME] [--feed files|kafka]`: real data through the real command line, held against independent answers.

Each case folder holds a catalogue and `figures.yaml` (what the mart says, and where the independent answer stands in the case's
`expected.json`). The data themselves stay outside the project, in the folder named by CASES (default `../shared/cases`).
`references` in `figures.yaml` are fitted by the command line into a copy of the catalogue before publication.
Prints expected, got and the relative difference of every figure; exits 1 above 1e-6, and for counts and money on any difference.
"""

import argparse
import itertools
import json
import os
import random
import shutil
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


def figures(spec: dict[str, Any], answers: Any) -> Iterator[dict[str, Any]]:
    """Every figure of a case; one with `for` stands for all combinations, `rename` translates a value on the expected side.

    A value list `{keys_of: path}` is the keys of the answers there; `unit_ids` translates the answers' names of units to ids on the wire.
    """
    for figure in spec["figures"]:
        names = list(figure.get("for", {}))
        values = [list(look_up(answers, one["keys_of"])) if isinstance(one, dict) else one for one in figure.get("for", {}).values()]
        ids = figure.get("unit_ids", {})
        for chosen in itertools.product(*values):
            named = dict(zip(names, chosen, strict=True))
            here = {name: ids.get(value, value) for name, value in named.items()}
            there = {name: figure.get("rename", {}).get(value, value) for name, value in named.items()}
            path = figure.get("expected", "")
            yield {
                "name": figure["name"].format(**named),
                "sql": figure["sql"].format(**here),
                "expected": [str(step).format(**there) for step in path] if isinstance(path, list) else path.format(**there),
                "expected_value": figure.get("expected_value"),
                "exact": figure.get("exact", False),
                "tolerance": figure.get("tolerance", TOLERANCE),
                "ids": ids,
            }


def look_up(answers: Any, path: str | list[str]) -> Any:
    """The value at a path (dotted, or a list of steps); list positions are numbers."""
    for step in path.split(".") if isinstance(path, str) else path:
        answers = answers[int(step)] if isinstance(answers, list) else answers[step]
    return answers


def difference_of(expected: Any, got: Any, ids: dict[str, str]) -> float:
    """The relative difference of two numbers; 0 or infinity for texts and lists of names (in any order)."""
    if isinstance(expected, list):
        return 0.0 if sorted(ids.get(one, one) for one in expected) == sorted(got or []) else float("inf")
    if isinstance(expected, str):
        return 0.0 if got == expected else float("inf")
    return float("inf") if got is None else abs(float(got) - expected) / (abs(expected) or 1.0)


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


def fit_references(kerneeffekt: str, spec: dict[str, Any], catalogue: Path, common: list[str]) -> None:
    """Fit the references that a case asks for, into the case's copy of its catalogue."""
    for asked in spec.get("references", []):
        target = catalogue / "references" / f"{asked['id']}.csv"
        cohorts = [option for cohort in asked.get("cohorts", []) for option in ("--cohort", str(cohort))]
        what = ["--indicator", asked["indicator"], "--method", asked["method"], "--as-of", str(asked.get("as_of", spec["as_of"]))]
        run(kerneeffekt, "reference", "fit", *common, *what, *cohorts, "--id", asked["id"], "--out", str(target))


def publish_case(case: str, spec: dict[str, Any], data: Path, work: Path, feed: str, broker: str) -> Path:
    """From the case's data to a published mart; returns the mart file."""
    kerneeffekt = str(Path(sys.executable).with_name("kerneeffekt"))
    events, catalogue, store, published = work / "events.ndjson", work / "catalogue", work / "store", work / "published"
    shutil.copytree(HERE / case / "catalogue", catalogue)
    run(sys.executable, str(data / "to_events.py"), str(events))
    files = [str(shuffled(events) if kind == "shuffled" else events) for kind in spec.get("feed", ["as_is"])]
    common = ["--catalogue", str(catalogue), "--store", str(store)]
    if feed == "kafka":
        prefix = f"{case}.{os.getpid()}."
        run(kerneeffekt, "send", *files, "--broker", broker, "--topic-prefix", prefix)
        run(kerneeffekt, "worker", *common, "--broker", broker, "--topic-prefix", prefix, "--until-caught-up", "--metrics-port", "0")
    else:
        run(kerneeffekt, "replay", *files, *common)
    fit_references(kerneeffekt, spec, catalogue, common)
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
        for figure in figures(spec, answers):
            expected = figure["expected_value"] if figure["expected_value"] is not None else look_up(answers, figure["expected"])
            row = con.execute(figure["sql"]).fetchone()
            got = None if row is None else row[0]
            difference = difference_of(expected, got, figure["ids"])
            right = difference == 0 if figure["exact"] else difference <= figure["tolerance"]
            wrong += not right
            table.add_row(figure["name"], short(expected), short(got), f"{difference:.1e}", "ok" if right else "WRONG")
    console.print(table)
    return wrong


def short(value: Any) -> str:
    """A value as a table cell."""
    text = repr(float(value)) if isinstance(value, int | float) and not isinstance(value, bool) else str(value)
    return text if len(text) <= 40 else text[:37] + "..."


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
