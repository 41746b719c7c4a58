"""Every rule of the quality gate by its id: hand-written, generated from the contract, and drift."""

from collections.abc import Iterator
from dataclasses import dataclass

from models.gate import Gate, Severity
from pipelines.checks import SUITES, Rule, Suite
from pipelines.checks_contract import contract_suites
from pipelines.checks_drift import DRIFT_SUITES

ALL_SUITES: tuple[Suite, ...] = (*SUITES, *contract_suites(), *DRIFT_SUITES)

_NEVER_SOFTENED = ("disclosure", "money", "grain")
"""Categories whose rules always block: persons would be disclosed, money lost, or rows counted twice."""


@dataclass(frozen=True)
class RuleRow:
    """One rule as it is listed for people."""

    rule: str
    category: str
    severity: Severity
    why: str


def _rules() -> Iterator[tuple[str, Rule]]:
    for suite in ALL_SUITES:
        for rule in suite.rules:
            yield suite.rule_id(rule), rule


RULE_IDS = frozenset(rule_id for rule_id, _ in _rules())

ALWAYS_BLOCKING = frozenset(rule_id for rule_id, rule in _rules() if rule.category in _NEVER_SOFTENED)
"""Rules that no catalogue may soften."""


def rule_list(gate: Gate) -> list[RuleRow]:
    """Every rule with the severity that a catalogue gives it."""
    return [RuleRow(rule_id, rule.category, gate.severity_of(rule_id, rule.severity), rule.why) for rule_id, rule in _rules()]
