"""What a comparison says, held against its design: sides, methods, what was known before the index, and the evidence it may claim."""

from collections.abc import Iterable
from dataclasses import dataclass

from config.event_checks import EventChecks
from config.event_names import data_fields
from config.yaml_lines import Document, Key
from models.catalogue import EVIDENCE_LEVELS, Comparison, CoreTask, EventFilter, IndicatorBase, KnownNumber, MeasuredValue, Side, Window
from models.registry import EVENT_TYPES
from outcomes.conditions import field

METHODS_OF = {
    "parallel": ("newcombe", "wald", "welch", "pooled", "hc1", "ols", "ols_hc1"),
    "before_after": ("newcombe", "wald", "welch", "pooled", "hc1", "ols", "ols_hc1"),
    "roll_out": ("stacked", "two_way"),
    "paired": ("paired_t",),
}


@dataclass(frozen=True)
class ComparisonChecks:
    """Checks the comparisons of one core task; every fault goes to its document.

    units   ids of declared units; None: not known, so not checked
    """

    task: CoreTask
    document: Document
    events: EventChecks
    units: set[str] | None

    def check(self, comparison: Comparison, key: Key) -> None:
        """Add a fault for everything that does not hold."""
        for fault_key, expected, got in self._faults(comparison):
            self.document.fault((*key, *fault_key), expected, got)
        self._event_fields(comparison, key)

    def _faults(self, comparison: Comparison) -> Iterable[tuple[Key, str, object]]:
        yield from self._indicators(comparison)
        yield from _design(comparison)
        yield from _methods(comparison)
        yield from self._sides(comparison)
        yield from self._covariates(comparison)
        yield from _claims(comparison)

    def _indicators(self, comparison: Comparison) -> Iterable[tuple[Key, str, object]]:
        known = {indicator.id for indicator in self.task.indicators if isinstance(indicator, IndicatorBase)}
        for name in comparison.indicators:
            if name not in known:
                yield ("indicators",), f"expected indicators of this core task that rest on records ({', '.join(sorted(known))})", name

    def _sides(self, comparison: Comparison) -> Iterable[tuple[Key, str, object]]:
        for name, side in _sides_of(comparison):
            for unit in side.units if self.units is not None else ():
                if unit not in (self.units or ()):
                    yield (name, "units"), "expected units of units.yaml", unit

    def _covariates(self, comparison: Comparison) -> Iterable[tuple[Key, str, object]]:
        declared = {attribute.name: attribute for attribute in self.events.attributes}
        for place, one in enumerate(comparison.covariates):
            if isinstance(one, KnownNumber):
                if one.attribute in declared and not declared[one.attribute].may_be_covariate:
                    yield (
                        ("covariates", place, "attribute"),
                        "expected an attribute known before the index event and not decided by the unit",
                        one.attribute,
                    )
            elif not _is_past(one.window):
                yield (
                    ("covariates", place, "window"),
                    "expected a window before the index (`to: P0D` at the latest): adjusting for what came after hides the effect",
                    str(one.window.end),
                )

    def _event_fields(self, comparison: Comparison, key: Key) -> None:
        measured: list[tuple[Key, MeasuredValue]] = [
            (("covariates", n), one) for n, one in enumerate(comparison.covariates) if isinstance(one, MeasuredValue)
        ]
        measured += [((name,), one) for name in ("value", "before") if (one := getattr(comparison, name)) is not None]
        for place, one in measured:
            self.events.filter(EventFilter(event=(one.event,), where=one.where), (*key, *place))
            event = EVENT_TYPES.get(one.event)
            if event and (
                one.field not in data_fields(self.events.registry, event) or field(event, one.field, EVENT_TYPES).number.startswith("NULL")
            ):
                self.document.fault((*key, *place, "field"), f"expected a data field of {one.event} that holds a number", one.field)
        for name, side in _sides_of(comparison):
            self.events.filters(side.with_event, (*key, name, "with_event"))


def _design(comparison: Comparison) -> Iterable[tuple[Key, str, object]]:
    if comparison.design == "parallel" and comparison.treated is None:
        yield ("treated",), "expected `treated`: who is compared with the others", None
    if comparison.design == "parallel" and comparison.change is not None:
        yield ("change",), "expected `change` with the designs roll_out and before_after only", comparison.change
    if comparison.design == "roll_out" and comparison.change is None:
        yield ("change",), "expected `change`: the change_id of organisation.change_introduced", None
    if comparison.design == "before_after" and comparison.change and (comparison.treated or comparison.control):
        yield (
            ("treated",),
            "expected no sides beside `change`: its units before it are held against the same units after it",
            "treated or control",
        )
    if comparison.is_paired and (comparison.value is None) != (comparison.before is None):
        yield ("before",), "expected `value` and `before` together, or neither (then the effect record's own are taken)", None
    if comparison.before is not None and not comparison.is_paired:
        yield ("before",), "expected `before` where persons are compared with themselves: before_after without `change`", "before"


def _methods(comparison: Comparison) -> Iterable[tuple[Key, str, object]]:
    allowed = METHODS_OF["paired" if comparison.is_paired else comparison.design]
    for name, methods in (("share", comparison.share_methods), ("mean", comparison.mean_methods)):
        for method in methods:
            if method not in allowed:
                yield (name,), f"expected methods of this design ({', '.join(allowed)})", method
    if not (comparison.share_methods or comparison.mean_methods):
        yield ("mean",), "expected at least one method in `share` or `mean`", None
    if {"ols", "ols_hc1"} & set(comparison.mean_methods) and not comparison.covariates:
        yield ("covariates",), "expected `covariates`: what ols and ols_hc1 adjust for", None
    if comparison.covariates and not {"ols", "ols_hc1"} & set(comparison.mean_methods):
        yield ("covariates",), "expected ols or ols_hc1 in `mean`: no other method uses covariates", "covariates"


def _claims(comparison: Comparison) -> Iterable[tuple[Key, str, object]]:
    """Nothing may look stronger than it is."""
    if comparison.randomised and comparison.design != "parallel":
        yield ("randomised",), "expected `randomised` with the design parallel only: order in time is not drawn by lot", True
    if comparison.randomised and any(side.with_event and not _is_past(side.window) for _, side in _sides_of(comparison)):
        yield ("randomised",), "expected sides that were settled by the index: who took part later was not drawn by lot", True
    highest = comparison.highest_evidence
    if comparison.evidence and EVIDENCE_LEVELS.index(comparison.evidence) > EVIDENCE_LEVELS.index(highest):
        yield ("evidence",), f"expected at most `{highest}`: that is what this design deserves", comparison.evidence
    selection = comparison.regression_to_the_mean
    if selection and not comparison.is_paired:
        yield (
            ("regression_to_the_mean",),
            "expected it where persons are compared with themselves: before_after without `change`",
            comparison.design,
        )
    elif selection and not selection.is_stated and comparison.before is None:
        yield (
            ("regression_to_the_mean",),
            "expected mean, deviation and correlation, or `before`: the measurement to estimate them from",
            None,
        )
    cost = comparison.cost
    if cost and "ledger" in (cost.treated, cost.control) and (comparison.design != "parallel" or comparison.first_on or comparison.last_on):
        yield (
            ("cost",),
            "expected stated amounts: booked cost can be told for whole periods of units that stand side by side only",
            "ledger",
        )


def _sides_of(comparison: Comparison) -> list[tuple[str, Side]]:
    return [(name, side) for name in ("treated", "control") if (side := getattr(comparison, name)) is not None]


def _is_past(window: Window) -> bool:
    return window.end.nominal_days <= 0
