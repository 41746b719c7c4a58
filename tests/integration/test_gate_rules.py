"""A mutant per rule of the gate: a mart that breaks it is blocked (or, for drift, warned of), and the rows are named by their keys."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import duckdb
import pytest

from models.gate import Gate, RuleSeverity
from pipelines.checks_contract import broken_column
from pipelines.gate_findings import Finding, Verdict
from pipelines.gate_process import Run
from pipelines.gate_rules import ALL_SUITES, RULE_IDS, rule_list
from pipelines.tables import TABLES, THEMES, Column, Table

K = 5
SUITE_OF = {suite.rule_id(rule): suite for suite in ALL_SUITES for rule in suite.rules}
CELL = {"unit_id": "A", "indicator_id": "job", "indicator_version": 1, "cohort": "2024-Q1"}

BEFORE = "before."

WARNING = ("drift", "suppression.withheld")
"""Rules that a mart may break and still be published."""


def row(table: str, **values: object) -> str:
    """A row that has these values and no others."""
    names, held = ", ".join(f'"{name}"' for name in values), ", ".join(map(_literal, values.values()))
    return f"INSERT INTO {table if table.startswith(BEFORE) else 'mart.' + table} ({names}) VALUES ({held})"


def _literal(value: object) -> str:
    return f"'{value}'" if isinstance(value, str) else str(value)


# rule: the statements that break it
MUTANTS = {
    "funnel.state": [row("funnel", unit_id="A", state="fine")],
    "funnel.compared": [row("funnel", unit_id="A", compared=4)],
    "funnel.outside": [row("funnel", unit_id="A", observed_over_expected=2, oe_low=0.5, oe_high=1.5)],
    "funnel.limits_crossed": [row("funnel", unit_id="A", low_998=0.9, low_95=0.8, high_95=1.2, high_998=1.3)],
    "funnel.rank_without_limits": [row("funnel", unit_id="A", oe_rank=1)],
    "funnel.without_words": [row("funnel", unit_id="A", verdict_code="within")],
    "funnel.shown_though_not_ready": [row("funnel", unit_id="A", state="suppressed", shrunk=1.1)],
    "funnel.counted_though_hidden": [row("funnel", unit_id="A", state="suppressed", expected=9)],
    "funnel.unexplained": [row("funnel", unit_id="A", state="immature")],
    "effect_by_unit.unit_id": [row("effect_by_unit", indicator_id="job")],
    "effect_by_unit.indicator_id": [row("effect_by_unit", unit_id="A")],
    "effect_by_unit.cohort": [row("effect_by_unit", unit_id="A")],
    "effect_by_unit.state": [row("effect_by_unit", unit_id="A", state="fine")],
    "effect_by_unit.not_pending_nor_matured": [row("effect_by_unit", unit_id="A", cohort_size=20, pending=7, matured=12)],
    "effect_by_unit.matured_without_outcome": [
        row("effect_by_unit", unit_id="A", matured=20, achieved=5, not_achieved=5, competing=0, censored=0, unmeasured=9)
    ],
    "effect_by_unit.denominator_gap": [row("effect_by_unit", unit_id="A", denominator=20, achieved=9, not_achieved=10, competing=0)],
    "effect_by_unit.share": [row("effect_by_unit", unit_id="A", share=1.5)],
    "effect_by_unit.share_gap": [row("effect_by_unit", unit_id="A", share=0.6, achieved=10, denominator=20)],
    "effect_by_unit.share_outside": [row("effect_by_unit", unit_id="A", share=0.6, share_low=0.1, share_high=0.5)],
    "effect_by_unit.estimate": [row("effect_by_unit", unit_id="A", estimate=-0.1)],
    "effect_by_unit.estimate_outside": [row("effect_by_unit", unit_id="A", estimate=0.6, estimate_low=0.7, estimate_high=0.8)],
    "effect_by_unit.unexplained": [row("effect_by_unit", unit_id="A", state="missing")],
    "effect_by_unit.shown_though_suppressed": [row("effect_by_unit", unit_id="A", state="suppressed", estimate=0.4)],
    "effect_by_unit.smallest": [row("effect_by_unit", unit_id="A", cohort_size=23, denominator=20)],
    "effect_curve.outside": [row("effect_curve", **CELL, time=0, incidence=1.1)],
    "effect_curve.falling": [row("effect_curve", **CELL, time=0, incidence=0.4), row("effect_curve", **CELL, time=1, incidence=0.3)],
    "effect_curve.growing": [row("effect_curve", **CELL, time=0, at_risk=10), row("effect_curve", **CELL, time=1, at_risk=11)],
    "effect_curve.in_all": [row("effect_curve", **CELL, time=0, incidence=0.6, survival=0.5)],
    "effect_curve.smallest_at_risk": [row("effect_curve", **CELL, time=0, at_risk=4)],
    "effect_curve.smallest": [row("effect_curve", **CELL, time=0, events=9, competing=0, censored=2)],
    "effect_per_krone.state": [row("effect_per_krone", unit_id="A", state="fine")],
    "effect_per_krone.effects_per_million": [row("effect_per_krone", unit_id="A", effects_per_million=-1)],
    "effect_per_krone.outside": [row("effect_per_krone", unit_id="A", effects_per_million=9, epm_low=1, epm_high=8)],
    "effect_per_krone.shown_though_not_ready": [row("effect_per_krone", unit_id="A", state="immature", kroner_per_effect=9)],
    "effect_per_krone.counted_though_hidden": [row("effect_per_krone", unit_id="A", state="suppressed", attributed_effects=3)],
    "effect_per_krone.without_cost": [row("effect_per_krone", unit_id="A", effects_per_million=9, cost_ore=0)],
    "effect_per_krone.unexplained": [row("effect_per_krone", unit_id="A", state="immature")],
    "cost_by_unit.unit_id": [row("cost_by_unit", core_task_id="work")],
    "cost_by_unit.core_task_id": [row("cost_by_unit", unit_id="A")],
    "cost_by_unit.kind": [row("cost_by_unit", unit_id="A", kind="guess")],
    "cost_by_unit.sides_gap": [row("cost_by_unit", unit_id="A", direct_ore=90, expenditure_ore=100, income_ore=-9)],
    "cost_by_unit.ways_gap": [row("cost_by_unit", unit_id="A", nominal_ore=100, direct_ore=90, allocated_ore=9)],
    "ledger_reconciliation.difference_ore": [row("ledger_reconciliation", kind="actual", difference_ore=1)],
    "ledger_by_class.difference_ore": [row("ledger_by_class", unit_id="A", difference_ore=-1)],
    "output_by_unit.state": [row("output_by_unit", unit_id="A", state="fine")],
    "output_by_unit.minutes": [row("output_by_unit", unit_id="A", minutes=-1)],
    "output_by_unit.events": [row("output_by_unit", unit_id="A", events=4)],
    "output_by_unit.some_participants": [row("output_by_unit", unit_id="A", participants=4)],
    "amount_by_unit.state": [row("amount_by_unit", unit_id="A", state="fine")],
    "amount_by_unit.subjects": [row("amount_by_unit", unit_id="A", subjects=4)],
    "output_vs_effect.state": [row("output_vs_effect", unit_id="A", state="fine")],
    "output_vs_effect.coverage": [row("output_vs_effect", unit_id="A", coverage=1.2)],
    "output_vs_effect.some_outputs": [row("output_vs_effect", unit_id="A", outputs=4)],
    "comparison.state": [row("comparison", comparison_id="c", state="fine")],
    "comparison.outside": [row("comparison", comparison_id="c", difference=0.3, difference_low=0, difference_high=0.2)],
    "comparison.shown_though_suppressed": [row("comparison", comparison_id="c", state="suppressed", difference=0.3)],
    "comparison.unexplained": [row("comparison", comparison_id="c", state="missing")],
    "comparison.claims_too_much": [row("comparison", comparison_id="c", design="before_after", evidence_level="controlled")],
    "comparison.negative_price": [row("comparison", comparison_id="c", kroner_per_extra_effect=-10)],
    "comparison.smallest": [row("comparison", comparison_id="c", treated_counted=20, treated_achieved=18)],
    "work_conditions.state": [row("work_conditions", unit_id="A", state="fine")],
    "work_conditions.value": [row("work_conditions", unit_id="A", value=1.2)],
    "work_conditions.some_answers": [row("work_conditions", unit_id="A", answers=4)],
    "suppression.withheld": [row("data_quality", source="(suppression)", check="withheld_indicator", n=1)],
    "drift.silent": [row("data_quality", source="urn:x", check="events", accepted=900, lag_days=63, coverage=0.9)],
    "drift_source.gone": [row("before.data_quality", source="urn:x", check="events", accepted=900)],
    "drift_source.fewer_events": [
        row("before.data_quality", source="urn:x", check="events", accepted=900),
        row("data_quality", source="urn:x", check="events", accepted=449),
    ],
    "drift_cohort.share_jumped": [
        row("before.effect_by_unit", **CELL, share=0.4, denominator=80),
        row("effect_by_unit", **CELL, share=0.6, denominator=80),
    ],
    "drift_cohort.fewer_records": [row("before.effect_by_unit", **CELL, cohort_size=100), row("effect_by_unit", **CELL, cohort_size=49)],
    "drift_persons.few_changed": [row("before.effect_by_unit", **CELL, cohort_size=12), row("effect_by_unit", **CELL, cohort_size=13)],
    "drift_persons.shown_before": [
        row("before.effect_by_unit", **CELL, achieved=12),
        row("effect_by_unit", **CELL, hidden="achieved", state="suppressed"),
    ],
    "drift_output.fewer_outputs": [
        row("before.output_by_unit", unit_id="A", output_id="visits", period="2024", events=100),
        row("output_by_unit", unit_id="A", output_id="visits", period="2024", events=49),
    ],
    "drift_ledger.less_money": [
        row("before.ledger_reconciliation", kind="actual", currency="DKK", ledger_ore=1000),
        row("ledger_reconciliation", kind="actual", currency="DKK", ledger_ore=499),
    ],
}
GENERATED = sorted(rule for rule in RULE_IDS if rule.startswith("contract_"))


@pytest.fixture(scope="module")
def empty() -> Iterator[Run]:
    """A run over an empty mart and an empty publication before it."""
    with duckdb.connect() as connection:
        for database in ("mart", "before"):
            connection.execute(f"ATTACH ':memory:' AS {database}")
            for table in TABLES:
                connection.execute(table.ddl.replace("mart.", f"{database}.", 1))
        yield Run(connection, K, Gate())


@contextmanager
def broken(run: Run, *statements: str) -> Iterator[None]:
    """The mart with one fault, for as long as this lasts. A transaction writes one database only, so `before` is emptied by hand."""
    earlier = [statement for statement in statements if BEFORE in statement]
    for statement in earlier:
        run.connection.execute(statement)
    run.connection.execute("BEGIN")
    try:
        for statement in statements:
            if statement not in earlier:
                run.connection.execute(statement)
        yield
    finally:
        run.connection.execute("ROLLBACK")
        for statement in earlier:
            run.connection.execute(f"DELETE FROM {statement.split()[2]}")


def found(run: Run, rule: str) -> Finding:
    """What one rule finds, asked alone."""
    suite = SUITE_OF[rule]
    alone = replace(suite, rules=tuple(one for one in suite.rules if suite.rule_id(one) == rule))
    (finding,) = run.suite(alone)
    return finding


def test_there_is_a_mutant_for_every_rule() -> None:
    assert set(MUTANTS) | set(GENERATED) == RULE_IDS
    assert len(RULE_IDS) == len(rule_list(Gate())), "two rules have one id"


@pytest.mark.parametrize("rule", MUTANTS)
def test_a_mart_that_breaks_a_rule_is_caught(empty: Run, rule: str) -> None:
    with broken(empty, *MUTANTS[rule]):
        finding = found(empty, rule)
    assert Verdict.of([finding], 1).passed == rule.startswith(WARNING)
    assert finding.rows == 1


def _spoiled(theme: str, rule: str) -> tuple[Table, str]:
    """A table of the theme, and a statement that breaks the rule in it."""
    for table in THEMES[theme]:
        for column in table.columns:
            if rule == "wrong_type":
                return table, f'ALTER TABLE mart."{table.name}" ALTER "{column.name}" TYPE BLOB'
            if broken_column(table, column, rule) is not None:
                return table, f'INSERT INTO mart."{table.name}" ("{column.name}") VALUES ({_bad_value(column, rule)})'
    raise AssertionError(f"nothing in {theme} has {rule}")


def _bad_value(column: Column, rule: str) -> str:
    if rule == "nulls":
        return "NULL"
    if rule == "not_allowed":
        return "'nonsense'"
    assert column.unit is not None
    return str(column.unit.low - 1) if column.unit.low is not None else str((column.unit.high or 0) + 1)


@pytest.mark.parametrize("rule", GENERATED)
def test_a_mart_that_breaks_the_contract_is_blocked(empty: Run, rule: str) -> None:
    theme = next(theme for theme in THEMES if rule.startswith("contract_" + theme.lower().replace(" ", "_") + "."))
    table, statement = _spoiled(theme, rule.rsplit(".", 1)[1])
    with broken(empty, statement):
        finding = found(empty, rule)
    assert finding.severity == "block"
    assert f"{table.name}." in finding.why


@pytest.mark.parametrize("odd", ["'NaN'::DOUBLE", "'inf'::DOUBLE"])
def test_what_is_no_number_is_out_of_range(empty: Run, odd: str) -> None:
    with broken(empty, f"INSERT INTO mart.effect_by_unit (unit_id, mean_change) VALUES ('A', {odd})"):
        assert found(empty, "contract_effects.out_of_range").rows == 1


def test_limits_of_student_and_fieller_may_reach_beyond_what_the_figure_can_be(empty: Run) -> None:
    # Five citizens who rate 1, 1, 1, 1 and 0.6 have a mean of 0.92 and an upper limit by Student's t of 1.14.
    wide = row("core_task_views", core_task_id="work", unit_id="A", cohort="2024", involvement=0.92, involvement_high=1.14, state="final")
    suite = SUITE_OF["contract_comparisons.out_of_range"]
    with broken(empty, wide):
        assert list(empty.suite(suite)) == []


def test_a_missing_table_is_a_refusal_and_not_a_crash(empty: Run) -> None:
    with broken(empty, "DROP TABLE mart.funnel"):
        (finding,) = empty.suite(SUITE_OF["funnel.state"])
    assert (finding.severity, finding.rule) == ("block", "funnel")


def test_a_publication_of_an_earlier_program_only_warns(empty: Run) -> None:
    suite = SUITE_OF["drift_source.gone"]
    (finding,) = empty.suite(replace(suite, query=suite.query.replace("before.data_quality", "before.not_there_yet")))
    assert finding.severity == "warn"


def test_rows_are_named_by_their_keys_and_counted(empty: Run) -> None:
    many = [row("effect_by_unit", **CELL | {"cohort": f"20{year}"}, share=0.5, achieved=9, denominator=12) for year in range(10, 40)]
    with broken(empty, *many):
        finding = found(empty, "effect_by_unit.share_gap")
    assert (finding.rows, len(finding.examples)) == (30, 10)
    assert finding.examples[0] == {"unit_id": "A", "indicator_id": "job", "indicator_version": "1", "cohort": "2010"}
    assert "and 27 more" in finding.sentence()


def test_small_changes_of_small_numbers_are_no_drift(empty: Run) -> None:
    few = row("before.effect_by_unit", **CELL, cohort_size=49, share=0.1, denominator=49)
    with broken(empty, few, row("effect_by_unit", **CELL, cohort_size=9, share=0.9, denominator=9)):
        assert list(empty.suite(SUITE_OF["drift_cohort.share_jumped"])) == []


def test_the_catalogue_gives_a_rule_another_severity(empty: Run) -> None:
    gate = Gate(severities=(RuleSeverity(rule="drift.silent", severity="block", why="monthly by law"),))
    run = Run(empty.connection, K, gate)
    with broken(run, *MUTANTS["drift.silent"]):
        assert found(run, "drift.silent").severity == "block"
