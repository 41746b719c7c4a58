"""The quality gate: Great Expectations over frames of a new mart, in a process of its own with a time limit.

`python -m pipelines.gate MART --k 5` exits 0 when every rule holds and 1 when one does not, with the result as JSON on standard output;
any other exit is a crash and counts as a refusal. It runs apart because it is slow to import, large in memory, and must not be able to
take a worker down.
"""

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import duckdb

from pipelines.checks import SUITES, Suite, invariants

TIMEOUT_SECONDS = 300.0
PASSED, FAILED = 0, 1


@dataclass(frozen=True)
class Verdict:
    """What the gate says: whether it let the mart pass, how many rules it looked at, and the failed ones in words."""

    passed: bool
    checks: int
    failed: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """The verdict as JSON for the manifest."""
        return asdict(self) | {"failed": list(self.failed)}


def run_gate(mart: Path, k: int, timeout_seconds: float = TIMEOUT_SECONDS, command: Sequence[str] | None = None) -> Verdict:
    """Run the gate as a process of its own and read its verdict. Blocks up to the time limit; never raises for what happens in there.

    command   in place of this module's own (tests)
    """
    own = [sys.executable, "-m", "pipelines.gate", str(mart.absolute()), "--k", str(k)]
    try:
        done = subprocess.run(
            list(command or own), capture_output=True, text=True, timeout=timeout_seconds, check=False, env=_environment(), cwd=_project()
        )
    except subprocess.TimeoutExpired:
        return Verdict(False, 0, (f"the gate did not answer within {timeout_seconds:g} seconds",))
    except OSError as error:
        return Verdict(False, 0, (f"the gate could not be started: {error.strerror}",))
    try:
        said = json.loads(done.stdout.strip().splitlines()[-1])
        verdict = Verdict(bool(said["passed"]), int(said["checks"]), tuple(said["failed"]))
    except (IndexError, KeyError, TypeError, ValueError):
        return Verdict(False, 0, (f"the gate crashed (exit code {done.returncode})",))
    if verdict.passed != (done.returncode == PASSED):
        return Verdict(False, verdict.checks, (*verdict.failed, f"the gate ended with exit code {done.returncode}"))
    return verdict


def broken_invariants(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """Invariants that do not hold in the mart attached as `mart`, in words; they are SQL, since they look at every row."""
    return [name for name, query in invariants().items() if _count(connection, query)]


def _count(connection: duckdb.DuckDBPyConnection, query: str) -> int:
    row = connection.execute(query).fetchone()
    return int(row[0]) if row else 0


def _environment() -> dict[str, str]:
    """This process's environment, with telemetry off and this package importable wherever the gate is started.

    Compiled bytecode may be kept: without it the import alone takes three times as long, at every publication.
    """
    path = os.pathsep.join(filter(None, (_project(), os.environ.get("PYTHONPATH"))))
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return kept | {"GX_ANALYTICS_ENABLED": "false", "PYTHONPATH": path, "PYTHONWARNINGS": "ignore"}


def _project() -> str:
    return str(Path(__file__).resolve().parent.parent)


def check(mart: Path, k: int) -> Verdict:
    """Hold every suite against the mart, in this process. Imports Great Expectations: some seconds, some hundred MiB."""
    os.environ["GX_ANALYTICS_ENABLED"] = "false"  # before the import, or it is too late
    import great_expectations as gx

    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}
    source = context.data_sources.add_pandas("mart")
    failed: list[str] = []
    checks = 0
    connection = duckdb.connect()
    path = str(mart).replace("'", "''")
    connection.execute(f"ATTACH '{path}' AS mart (READ_ONLY)")
    for suite in SUITES:
        frame = connection.execute(suite.query).df()
        checks += len(suite.rules)
        if frame.empty:
            continue  # a table without rows breaks no rule; an expectation over no rows has no answer
        failed += _failures(gx, context, source, suite, frame, k)
    connection.close()
    return Verdict(not failed, checks, tuple(failed))


def _failures(gx: Any, context: Any, source: Any, suite: Suite, frame: Any, k: int) -> list[str]:
    """The rules of one suite that do not hold, in words. No value of the data is asked for."""
    batch = source.add_dataframe_asset(suite.name).add_batch_definition_whole_dataframe("all")
    rules = [
        getattr(gx.expectations, rule.expectation)(**_bound(rule.arguments, k), meta={"rule": i}) for i, rule in enumerate(suite.rules)
    ]
    expectations = context.suites.add(gx.ExpectationSuite(name=suite.name, expectations=rules))
    definition = context.validation_definitions.add(gx.ValidationDefinition(name=suite.name, data=batch, suite=expectations))
    result = definition.run(batch_parameters={"dataframe": frame}, result_format="BOOLEAN_ONLY")
    broken = sorted(one.expectation_config.meta["rule"] for one in result.results if not one.success)
    return [f"{suite.name}: {suite.rules[i].why} ({suite.rules[i].arguments.get('column', 'table')})" for i in broken]


def _bound(arguments: dict[str, Any], k: int) -> dict[str, Any]:
    return {name: k if value == "$k" else value for name, value in arguments.items()}


def main(arguments: Sequence[str] | None = None) -> int:
    """The gate's own process."""
    parser = argparse.ArgumentParser(prog="pipelines.gate", description="Hold a mart against its quality rules.")
    parser.add_argument("mart", type=Path)
    parser.add_argument("--k", type=int, required=True)
    asked = parser.parse_args(arguments)
    verdict = check(asked.mart, asked.k)
    sys.stdout.write(json.dumps(verdict.as_dict()) + "\n")
    return PASSED if verdict.passed else FAILED


if __name__ == "__main__":
    sys.exit(main())
