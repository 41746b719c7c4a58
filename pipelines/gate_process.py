"""The gate's own process: Great Expectations over frames of a new mart.

`python -m pipelines.gate_process MART --k 5` exits 0 when every blocking rule holds and 1 when one does not, with the verdict as JSON on
standard output; any other exit is a crash and counts as a refusal. It runs apart because it is slow to import, large in memory, and must
not be able to take a worker down.
"""

import argparse
import itertools
import json
import os
import re
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd

from models.gate import Gate
from pipelines.checks import Rule, Suite
from pipelines.checks_contract import broken_column
from pipelines.gate_findings import MOST_EXAMPLES, Finding, Key, Verdict
from pipelines.gate_rules import ALL_SUITES
from pipelines.tables import BY_NAME, Column, Table

PASSED, FAILED = 0, 1
_PARAMETER = re.compile(r"\$([a-z_]+)")


def check(mart: Path, k: int, gate: Gate | None = None, before: Path | None = None) -> Verdict:
    """Hold every suite against the mart, in this process. Imports Great Expectations: some seconds, some hundred MiB.

    before   the mart of the publication that drift is measured against; None: no drift but that of sources
    """
    settings = gate or Gate()
    with _attached(mart, before) as connection:
        run = Run(connection, k, settings)
        suites = [suite for suite in ALL_SUITES if before is not None or not suite.with_before]
        findings = [finding for suite in suites for finding in run.suite(suite)]
    return Verdict.of(findings, sum(len(suite.rules) for suite in suites), before.parent.name if before else None)


@contextmanager
def _attached(mart: Path, before: Path | None) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        for name, file in (("mart", mart), ("before", before)):
            if file is not None:
                path = str(file).replace("'", "''")
                connection.execute(f"ATTACH '{path}' AS {name} (READ_ONLY)")
        yield connection


class Run:
    """One run over one mart: Great Expectations' context, and what rules are bound to."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, k: int, settings: Gate) -> None:
        os.environ["GX_ANALYTICS_ENABLED"] = "false"  # before the import, or it is too late
        import great_expectations as gx

        self.gx, self.connection, self.settings = gx, connection, settings
        self.values = {"k": k} | settings.model_dump(exclude={"severities"})
        self.context: Any = gx.get_context(mode="ephemeral")
        self.context.variables.progress_bars = {"globally": False}
        self._numbers = itertools.count(1)
        self.source = self.context.data_sources.add_pandas("mart")

    def suite(self, suite: Suite) -> Iterator[Finding]:
        """What does not hold of one suite. May be asked again: every question has a name of its own."""
        wanted = {name: self.values[name] for name in _PARAMETER.findall(suite.query)}
        try:
            frame = self.connection.execute(suite.query, wanted or None).df()
        except duckdb.Error as error:
            yield self._unreadable(suite, error)
            return
        if frame.empty:
            return  # a table without rows breaks no rule; an expectation over no rows has no answer
        batch = self.source.add_dataframe_asset(self._fresh(suite.name)).add_batch_definition_whole_dataframe("all")
        for rule in self._broken(suite, batch, frame):
            yield self._finding(suite, rule, batch, frame)

    def _unreadable(self, suite: Suite, error: duckdb.Error) -> Finding:
        """Of a new mart this is a fault of its own; a publication before may have been made by an earlier program."""
        what = "the publication before cannot be compared" if suite.with_before else "the mart cannot be read"
        return Finding(suite.name, "warn" if suite.with_before else "block", f"{what} as the rules expect ({type(error).__name__})")

    def _broken(self, suite: Suite, batch: Any, frame: Any) -> list[Rule]:
        result = self._validated(suite.name, batch, suite.rules, frame, "BOOLEAN_ONLY")
        places = sorted(one.expectation_config.meta["rule"] for one in result.results if not one.success)
        return [suite.rules[place] for place in places]

    def _validated(self, name: str, batch: Any, rules: Sequence[Rule], frame: Any, result_format: Any) -> Any:
        expectations = [
            getattr(self.gx.expectations, rule.expectation)(**self._bound(rule), meta={"rule": place}) for place, rule in enumerate(rules)
        ]
        asked = self._fresh(name)
        suite = self.context.suites.add(self.gx.ExpectationSuite(name=asked, expectations=expectations))
        definition = self.context.validation_definitions.add(self.gx.ValidationDefinition(name=asked, data=batch, suite=suite))
        return definition.run(batch_parameters={"dataframe": frame}, result_format=result_format)

    def _fresh(self, name: str) -> str:
        return f"{name} {next(self._numbers)}"

    def _bound(self, rule: Rule) -> dict[str, Any]:
        return {name: self.values["k"] if value == "$k" else value for name, value in rule.arguments.items()}

    def _finding(self, suite: Suite, rule: Rule, batch: Any, frame: Any) -> Finding:
        """The rule that failed, asked again for the keys of its rows: only of what failed, since it costs more than a yes or no."""
        severity = self.settings.severity_of(suite.rule_id(rule), rule.severity)
        keys = [name for name in suite.names_rows_by if name in frame.columns and name != rule.column]
        if not keys:
            return Finding(suite.rule_id(rule), severity, rule.why)
        asked = {"result_format": "COMPLETE", "unexpected_index_column_names": keys, "return_unexpected_index_query": False}
        result = self._validated(f"{suite.name}.{rule.column}", batch, [rule], frame, asked).results[0].result
        rows = [{name: _plain(row[name]) for name in keys} for row in result.get("unexpected_index_list") or []]
        if rule.category == "contract":
            return self._of_contract(suite, rule, severity, rows)
        return Finding(suite.rule_id(rule), severity, rule.why, len(rows), tuple(rows[:MOST_EXAMPLES]))

    def _of_contract(self, suite: Suite, rule: Rule, severity: Any, columns: list[Key]) -> Finding:
        """A rule of the contract names columns; here are the rows in them."""
        where = [(BY_NAME[str(one["table_name"])], str(one["column_name"])) for one in columns]
        named = ", ".join(f"{table.name}.{column}" for table, column in where)
        found = [key for table, column in where for key in self._rows(table, table.column(column), rule.column)]
        return Finding(suite.rule_id(rule), severity, f"{rule.why}: {named}", len(found) or None, tuple(found[:MOST_EXAMPLES]))

    def _rows(self, table: Table, column: Column, rule: str) -> list[Key]:
        condition = broken_column(table, column, rule)
        if condition is None:
            return []
        names = ", ".join(f'"{name}"' for name in table.key)
        rows = self.connection.execute(f'SELECT {names} FROM mart."{table.name}" WHERE {condition} ORDER BY ALL').fetchall()  # noqa: S608
        of_column: Key = {"column": f"{table.name}.{column.name}"}
        return [of_column | dict(zip(table.key, (_plain(value) for value in row), strict=True)) for row in rows]


def _plain(value: Any) -> str | None:
    """A part of a key as text; what pandas has for nothing is nothing, and a whole number beside nothing is whole."""
    if pd.isna(value):
        return None
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def main(arguments: Sequence[str] | None = None) -> int:
    """The gate's own process."""
    parser = argparse.ArgumentParser(prog="pipelines.gate_process", description="Hold a mart against its quality rules.")
    parser.add_argument("mart", type=Path)
    parser.add_argument("--k", type=int, required=True)
    parser.add_argument("--gate", default="{}", help="The catalogue's thresholds as JSON.")
    parser.add_argument("--before", type=Path, help="The mart of the publication before.")
    asked = parser.parse_args(arguments)
    verdict = check(asked.mart, asked.k, Gate.model_validate_json(asked.gate), asked.before)
    sys.stdout.write(json.dumps(verdict.as_dict()) + "\n")
    return PASSED if verdict.passed else FAILED


if __name__ == "__main__":
    sys.exit(main())
