"""The gate: a process of its own whose failure, crash and silence are all refusals."""

import datetime as dt
import sys
from pathlib import Path

import duckdb
import pytest

from pipelines.gate import broken_invariants, run_gate
from pipelines.gate_process import check
from pipelines.mart import build_mart
from tests.factories_mart import StoreFile, catalogue

D = dt.date


@pytest.fixture
def mart(tmp_path: Path) -> Path:
    store = StoreFile(tmp_path / "store.duckdb")
    for number in range(40):
        store.effect("achieved" if number < 15 else "not_achieved", D(2024, 1, 5), 10 if number < 15 else 365)
    store.ledger(D(2024, 1, 5), "A", "1", 1000)
    store.event("employment.conversation_held", D(2024, 1, 5), unit="A", minutes=30.0)
    target = tmp_path / "mart.duckdb"
    build_mart(store.save(), catalogue(costs={"rules": [{"to": "work"}]}), target, D(2026, 1, 1))
    return target


def spoil(mart: Path, *statements: str) -> None:
    connection = duckdb.connect()
    connection.execute(f"ATTACH '{mart}' AS mart; USE mart")
    for statement in statements:
        connection.execute(statement)
    connection.execute("CHECKPOINT mart")
    connection.close()


@pytest.mark.slow
def test_in_a_process_of_its_own_a_good_mart_passes(mart: Path) -> None:
    verdict = run_gate(mart, 1)
    assert (verdict.passed, verdict.failed) == (True, ())
    assert verdict.checks > 30


@pytest.mark.slow
def test_a_path_from_where_the_command_was_started_is_found(mart: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(mart.parent)
    assert run_gate(Path(mart.name), 1).passed


@pytest.mark.slow
@pytest.mark.security("S11")
def test_every_planted_fault_is_found_and_named_without_a_value(mart: Path) -> None:
    spoil(
        mart,
        "UPDATE effect_by_unit SET matured = matured + 1 WHERE unit_id = 'A'",
        "UPDATE effect_by_unit SET share = 1.5 WHERE unit_id = '(all)'",
        "UPDATE effect_by_unit SET state = 'fine'",
        "UPDATE effect_curve SET incidence = 0 WHERE time > 100",
        "UPDATE cost_by_unit SET nominal_ore = nominal_ore + 1, expenditure_ore = expenditure_ore + 1",
        "UPDATE ledger_reconciliation SET difference_ore = 1",
        "UPDATE effect_per_krone SET cost_ore = NULL",
    )
    verdict = check(mart, 5)
    said = "\n".join(verdict.failed)
    assert not verdict.passed
    for expected in (
        "cohort_size must be pending + matured", "a share lies between 0 and 1", "a state must be one of", "an incidence never falls",
        "expenditure and income must add up", "direct and allocated must add up", "the mart must hold the ledger",
            "no ratio without booked cost",
        "output_by_unit.events: no count below k",
    ):  # fmt: skip
        assert expected in said, expected
    assert "1.5" not in said


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("import time; time.sleep(60)", "did not answer"),
        ("import os; os.kill(os.getpid(), 9)", "crashed"),
        ("print('{}')", "crashed"),
        ('import sys; print(\'{"passed": true, "checks": 3, "failed": []}\'); sys.exit(7)', "exit code 7"),
    ],
)
@pytest.mark.security("S19")
def test_silence_and_crash_are_refusals(mart: Path, code: str, reason: str) -> None:
    verdict = run_gate(mart, 5, timeout_seconds=2, command=[sys.executable, "-c", code])
    assert not verdict.passed
    assert reason in verdict.failed[0]


@pytest.mark.parametrize(
    ("statement", "broken"),
    [
        ("INSERT INTO effect_by_unit SELECT * FROM effect_by_unit LIMIT 1", "effect_by_unit: one row per"),
        ("DELETE FROM dim_indicator", "every indicator is described"),
        ("DELETE FROM dim_unit", "every unit is described"),
        ("UPDATE effect_by_unit SET cohort_size = 41 WHERE cohort = 'all'", "add up to all"),
        ("UPDATE ledger_reconciliation SET difference_ore = 1", "the ledger is whole"),
    ],
)
def test_sql_invariants_see_every_row(mart: Path, statement: str, broken: str) -> None:
    spoil(mart, statement)
    connection = duckdb.connect()
    connection.execute(f"ATTACH '{mart}' AS mart (READ_ONLY)")
    assert any(broken in name for name in broken_invariants(connection))
