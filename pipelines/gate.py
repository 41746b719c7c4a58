"""The quality gate as publishing sees it: invariants in SQL, then the rules in a process of its own (`pipelines/gate_process.py`).

A gate that fails, crashes or hangs is a refusal: the last publication stays.
"""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import duckdb

from models.gate import Gate
from pipelines.checks import violations
from pipelines.gate_findings import MOST_EXAMPLES, Finding, Verdict

__all__ = ["Finding", "Verdict", "broken_invariants", "invariant_findings", "run_gate"]

TIMEOUT_SECONDS = 300.0
PASSED = 0


def run_gate(
    mart: Path,
    k: int,
    timeout_seconds: float = TIMEOUT_SECONDS,
    command: Sequence[str] | None = None,
    *,
    gate: Gate | None = None,
    before: Path | None = None,
) -> Verdict:
    """Run the gate as a process of its own and read its verdict. Blocks up to the time limit; never raises for what happens in there.

    command   in place of this module's own (tests)
    gate      the catalogue's thresholds and severities
    before    the mart of the publication that drift is measured against
    """
    own = [sys.executable, "-m", "pipelines.gate_process", str(mart.absolute()), "--k", str(k)]
    own += ["--gate", (gate or Gate()).model_dump_json()] + (["--before", str(before.absolute())] if before else [])
    try:
        done = subprocess.run(
            list(command or own), capture_output=True, text=True, timeout=timeout_seconds, check=False, env=_environment(), cwd=_project()
        )
    except subprocess.TimeoutExpired:
        return Verdict(False, 0, (f"the gate did not answer within {timeout_seconds:g} seconds",))
    except OSError as error:
        return Verdict(False, 0, (f"the gate could not be started: {error.strerror}",))
    try:
        verdict = Verdict.from_dict(json.loads(done.stdout.strip().splitlines()[-1]))
    except (IndexError, KeyError, TypeError, ValueError):
        return Verdict(False, 0, (f"the gate crashed (exit code {done.returncode})",))
    if verdict.passed != (done.returncode == PASSED):
        return Verdict(False, verdict.checks, (*verdict.failed, f"the gate ended with exit code {done.returncode}"))
    return verdict


def broken_invariants(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """Invariants that do not hold in the mart attached as `mart`, in words; they are SQL, since they look at every row."""
    return [finding.rule for finding in invariant_findings(connection)]


def invariant_findings(connection: duckdb.DuckDBPyConnection) -> list[Finding]:
    """The same with the keys of the rows that break them."""
    return [finding for name, query in violations().items() if (finding := _violated(connection, name, query))]


def _violated(connection: duckdb.DuckDBPyConnection, name: str, query: str) -> Finding | None:
    found = connection.execute(query)
    names = [column[0] for column in found.description or []]
    rows = found.fetchall()
    if not rows:
        return None
    keys = [{one: None if value is None else str(value) for one, value in zip(names, row, strict=True)} for row in rows[:MOST_EXAMPLES]]
    return Finding(name, "block", "this invariant does not hold", len(rows), tuple(keys))


def _environment() -> dict[str, str]:
    """This process's environment, with telemetry off and this package importable wherever the gate is started.

    Compiled bytecode may be kept: without it the import alone takes three times as long, at every publication.
    """
    path = os.pathsep.join(filter(None, (_project(), os.environ.get("PYTHONPATH"))))
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return kept | {"GX_ANALYTICS_ENABLED": "false", "PYTHONPATH": path, "PYTHONWARNINGS": "ignore"}


def _project() -> str:
    return str(Path(__file__).resolve().parent.parent)
