"""What must hold between the parts of a catalogue: names that exist, trees without cycles, ids used once, dates in order."""

import datetime as dt
import zoneinfo
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from config.comparison_checks import ComparisonChecks
from config.core_task_versions import check_versions, levels_by_day, statements
from config.event_checks import EventChecks
from config.event_names import Registry
from config.references import check_expected
from config.yaml_lines import Document, Key
from models.catalogue import SERVICE_CLASSES, AllocationStep, Attribute, CoreTask, Costs, IndicatorBase, Municipality, PriceIndex, Unit
from models.reference import Reference
from pipelines.gate_rules import ALWAYS_BLOCKING, RULE_IDS

UNALLOCATED = "(unallocated)"
PAYER_TOLERANCE = 1e-9


@dataclass
class Parts:
    """The parts of a catalogue that were valid on their own, each with its place. What is missing here has its own fault already."""

    registry: Registry
    municipality: tuple[Municipality, Document] | None = None
    units: list[tuple[Unit, Document, Key]] = field(default_factory=list)
    attributes: list[tuple[Attribute, Document, Key]] = field(default_factory=list)
    core_tasks: list[tuple[CoreTask, Document, Key]] = field(default_factory=list)
    costs: tuple[Costs, Document] | None = None
    references: list[tuple[Reference, str]] = field(default_factory=list)
    incomplete: frozenset[str] = frozenset()
    """Kinds of part with faults of their own (`units`, `core_tasks`, `costs`): a name not found may be a broken one's."""

    def unit_ids(self) -> set[str] | None:
        """Ids of declared units; None when units are left to organisation events, or some could not be read."""
        return {unit.id for unit, _, _ in self.units} if self.units and "units" not in self.incomplete else None

    def core_task_ids(self) -> set[str] | None:
        """Ids of core tasks; None when some could not be read."""
        return {task.id for task, _, _ in self.core_tasks} if "core_tasks" not in self.incomplete else None


def check_consistency(parts: Parts) -> None:
    """Add a fault for everything that does not hold between the parts."""
    if parts.municipality:
        _check_municipality(*parts.municipality)
    _check_units(parts)
    _check_core_tasks(parts)
    if parts.costs:
        _check_costs(parts, *parts.costs)
    _check_once("attribute", ((attribute.name, document, (*key, "name")) for attribute, document, key in parts.attributes))


def _check_municipality(municipality: Municipality, document: Document) -> None:
    try:
        zoneinfo.ZoneInfo(municipality.time_zone)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        document.fault(("time_zone",), "expected a time zone such as Europe/Copenhagen", municipality.time_zone)
    for place, said in enumerate(municipality.gate.severities):
        key = ("gate", "severities", place, "rule")
        if said.rule not in RULE_IDS:
            document.fault(key, "expected the id of a rule of the quality gate (`kerneeffekt gate rules` lists them)", said.rule)
        elif said.rule in ALWAYS_BLOCKING and said.severity != "block":
            document.fault(
                key, "expected a rule that may be softened: this one keeps persons from being disclosed or the ledger whole", said.rule
            )


def _check_units(parts: Parts) -> None:
    known = parts.unit_ids() or set()
    _check_validity_overlap(parts)
    for unit, document, key in parts.units:
        _check_order(unit.valid_from, unit.valid_to, document, key)
        for name in ("parent", "merged_into"):
            _check_known(
                getattr(unit, name), known if "units" not in parts.incomplete else None, "a unit of units.yaml", document, (*key, name)
            )
    parents = {unit.id: unit.parent for unit, _, _ in parts.units}
    for unit, document, key in parts.units:
        _check_tree(unit.id, parents, document, (*key, "parent"))


def _check_validity_overlap(parts: Parts) -> None:
    """One unit may stand several times, each time for another stretch of days."""
    seen: dict[str, list[tuple[dt.date, dt.date, str]]] = {}
    for unit, document, key in parts.units:
        start, end = unit.valid_from or dt.date.min, unit.valid_to or dt.date.max
        for other_start, other_end, place in seen.get(unit.id, []):
            if start < other_end and other_start < end:
                document.fault((*key, "id"), f"expected each unit once per day of its validity ({place} has it too)", unit.id)
        seen.setdefault(unit.id, []).append((start, end, f"{document.file}:{document.place(key)[0]}"))


def _check_core_tasks(parts: Parts) -> None:
    known = parts.core_task_ids()
    for name in ("indicators", "outputs", "amounts", "comparisons"):
        _check_once(name[:-1], _numbered(parts, name))
    _check_statements(parts, known)
    for task, document, key in parts.core_tasks:
        _check_links(task, known, document, key)
        _check_views(task, document, key)
        _check_indicators(parts, task, document, key)


def _check_statements(parts: Parts, known: set[str] | None) -> None:
    """What every version of a core task says of others holds, on every day."""
    found = statements(parts.core_tasks)
    check_versions(found)
    for statement in found:
        said, document, key = statement.said, statement.document, statement.key
        _check_known(said.parent, known, "a core task of this catalogue", document, (*key, "parent"))
        _check_known(said.unit, parts.unit_ids(), "a unit of units.yaml", document, (*key, "unit"))
        _check_order(said.valid_from, said.valid_to, document, key)
    for holding, parents in levels_by_day(found):
        for statement in holding:
            _check_tree(statement.core_task_id, parents, statement.document, (*statement.key, "parent"))


def _numbered(parts: Parts, name: str) -> Iterable[tuple[Hashable, Document, Key]]:
    for task, document, key in parts.core_tasks:
        for place, item in enumerate(getattr(task, name)):
            yield (item.id, getattr(item, "version", None)), document, (*key, name, place, "id")


def _check_links(task: CoreTask, known: set[str] | None, document: Document, key: Key) -> None:
    for place, link in enumerate(task.links):
        _check_known(link.to, known, "a core task of this catalogue", document, (*key, "links", place, "to"))
        if link.to == task.id:
            document.fault((*key, "links", place, "to"), "expected another core task than this one", link.to)


def _check_views(task: CoreTask, document: Document, key: Key) -> None:
    ids = {indicator.id for indicator in task.indicators}
    for name in ("performed", "experienced") if task.views else ():
        _check_known(getattr(task.views, name), ids, "an indicator of this core task", document, (*key, "views", name))


def _check_indicators(parts: Parts, task: CoreTask, document: Document, key: Key) -> None:
    checks = EventChecks(document, parts.registry, [attribute for attribute, _, _ in parts.attributes])
    values = {value.id for value in parts.costs[0].values} if parts.costs else None if "costs" in parts.incomplete else set()
    for place, indicator in enumerate(task.indicators):
        where = (*key, "indicators", place)
        _check_order(indicator.valid_from, indicator.valid_to, document, where)
        _check_known(indicator.effect.value, values, "a value of costs.yaml", document, (*where, "effect", "value"))
        if isinstance(indicator, IndicatorBase):
            checks.indicator(indicator, where)
            check_expected(indicator, parts.references, document, where)
    for name in ("outputs", "amounts"):
        for place, item in enumerate(getattr(task, name)):
            checks.filter(item, (*key, name, place))
    comparisons = ComparisonChecks(task, document, checks, parts.unit_ids())
    for place, comparison in enumerate(task.comparisons):
        comparisons.check(comparison, (*key, "comparisons", place))


def _check_costs(parts: Parts, costs: Costs, document: Document) -> None:
    _check_rules(parts, costs, document)
    _check_allocation(parts, costs, document)
    _check_indices(costs, document)
    _check_values(costs, document)


def _check_rules(parts: Parts, costs: Costs, document: Document) -> None:
    tasks = parts.core_task_ids()
    targets = None if tasks is None else tasks | {UNALLOCATED}
    for place, rule in enumerate(costs.rules):
        key: Key = ("rules", place)
        _check_known(rule.to, targets, f"a core task of this catalogue or {UNALLOCATED}", document, (*key, "to"))
        _check_order(rule.valid_from, rule.valid_to, document, key)
        if not (rule.account or rule.unit or rule.species) and place + 1 < len(costs.rules):
            document.fault(
                key, "expected a rule without conditions last: it catches all, so the rules after it never count", "rules after it"
            )


def _check_allocation(parts: Parts, costs: Costs, document: Document) -> None:
    tasks, units = parts.core_task_ids(), parts.unit_ids()
    placed = None if tasks is None else tasks | {UNALLOCATED}
    outputs = None if tasks is None else {output.id for task, _, _ in parts.core_tasks for output in task.outputs}
    _check_once("key", ((key.id, document, ("keys", place, "id")) for place, key in enumerate(costs.keys)))
    _check_once("step", ((step.id, document, ("steps", place, "id")) for place, step in enumerate(costs.steps)))
    for place, key in enumerate(costs.keys):
        at: Key = ("keys", place)
        _check_order(key.valid_from, key.valid_to, document, at)
        _check_each(key.outputs, outputs, "an output of a core task", document, (*at, "outputs"))
        _check_each(key.units, units, "a unit of units.yaml", document, (*at, "units"))
        _check_each(key.core_tasks, tasks, "a core task of this catalogue", document, (*at, "core_tasks"))
        for number, share in enumerate(key.shares):
            where = (*at, "shares", number)
            _check_order(share.valid_from, share.valid_to, document, where)
            _check_known(share.unit, units, "a unit of units.yaml", document, (*where, "unit"))
            _check_known(share.core_task, placed, f"a core task of this catalogue or {UNALLOCATED}", document, (*where, "core_task"))
    for place, step in enumerate(costs.steps):
        at = ("steps", place)
        _check_order(step.valid_from, step.valid_to, document, at)
        _check_known(step.key, {key.id for key in costs.keys}, "a key of costs.yaml", document, (*at, "key"))
        _check_each(step.source.unit, units, "a unit of units.yaml", document, (*at, "from", "unit"))
        _check_each(step.source.core_task, placed, f"a core task or {UNALLOCATED}", document, (*at, "from", "core_task"))
    _check_step_down(costs, document)


def _check_step_down(costs: Costs, document: Document) -> None:
    """A source passes on once: a later key that names it as a receiver would be passed over in silence."""
    keys = {key.id: key for key in costs.keys}
    for place, step in enumerate(costs.steps):
        for share in keys[step.key].shares if step.key in keys else ():
            before = next((earlier.id for earlier in costs.steps[: place + 1] if _passes_on(earlier, share.unit, share.core_task)), None)
            if before is not None:
                expected = f"a key whose receivers are not sources of this step or an earlier one (step {before} passes this one's cost on)"
                document.fault(("steps", place, "key"), f"expected {expected}", f"{share.unit}, {share.core_task}")
                break


def _passes_on(step: AllocationStep, unit: str, core_task: str) -> bool:
    return (not step.source.unit or unit in step.source.unit) and core_task in step.source.core_task


def _check_indices(costs: Costs, document: Document) -> None:
    _check_once("index", ((series.id, document, ("price_indices", place, "id")) for place, series in enumerate(costs.price_indices)))
    covered: dict[str, str] = {}
    for place, series in enumerate(costs.price_indices):
        for cost_class in series.covers:
            if covered.setdefault(cost_class, series.id) != series.id:
                document.fault(("price_indices", place, "covers"), f"expected each class once ({covered[cost_class]} has it)", cost_class)
        at: Key = ("price_indices", place, "versions")
        _check_once("version", ((version.version, document, (*at, n, "version")) for n, version in enumerate(series.versions)))
        for number, version in enumerate(series.versions):
            _check_rises(version, document, (*at, number, "rises"))
    effort = {covered.get(cost_class) for cost_class in SERVICE_CLASSES}
    if costs.price_indices and len(effort) > 1:
        without = [cost_class for cost_class in SERVICE_CLASSES if cost_class not in covered]
        expected = f"expected {', '.join(SERVICE_CLASSES)} under one index or none: effect is held against their sum"
        document.fault(("price_indices",), expected, f"none for {', '.join(without)}" if without else "several indices")
    if costs.price_index:
        _check_rises(costs.price_index, document, ("price_index", "rises"))


def _check_rises(index: PriceIndex, document: Document, key: Key) -> None:
    years = sorted(index.rises)
    gaps = sorted(set(range(years[0], years[-1] + 1)) - set(years)) if years else []
    if gaps:
        document.fault(key, "expected a rise for every year, since the index is chained", f"none for {gaps}")


def _check_values(costs: Costs, document: Document) -> None:
    _check_once("value", ((value.id, document, ("values", place, "id")) for place, value in enumerate(costs.values)))
    for place, value in enumerate(costs.values):
        total = sum(value.payers.values())
        if value.payers and abs(total - 1) > PAYER_TOLERANCE:
            document.fault(("values", place, "payers"), "expected shares that add up to 1", total)
        if any(share < 0 for share in value.payers.values()):
            document.fault(("values", place, "payers"), "expected shares of 0 or more", min(value.payers.values()))
        if value.is_later and costs.discounting is None:
            at: Key = ("values", place, "years" if value.years > 1 else "first_year")
            document.fault(at, "expected `discounting` in costs.yaml, since part of the value comes in later years", value.years)
        _check_known(value.index, {series.id for series in costs.indices}, "an index of costs.yaml", document, ("values", place, "index"))


def _check_each(names: Iterable[str], known: set[str] | None, expected: str, document: Document, key: Key) -> None:
    for name in names:
        _check_known(name, known, expected, document, key)


def _check_known(name: str | None, known: set[str] | None, expected: str, document: Document, key: Key) -> None:
    if name is not None and known is not None and name not in known:
        document.fault(key, f"expected {expected} ({_listed(known)})", name)


def _listed(known: Iterable[str]) -> str:
    names = sorted(known)
    return (", ".join(names[:12]) + (f" and {len(names) - 12} more" if len(names) > 12 else "")) if names else "there is none"


def _check_order(start: dt.date | None, end: dt.date | None, document: Document, key: Key) -> None:
    if start and end and end <= start:
        document.fault((*key, "valid_to"), f"expected a date after valid_from ({start})", str(end))


def _check_tree(child: str, parents: Mapping[str, str | None], document: Document, key: Key) -> None:
    seen = [child]
    parent = parents.get(child)
    while parent is not None and parent not in seen:
        seen.append(parent)
        parent = parents.get(parent)
    if parent == child:
        document.fault(key, "expected a tree", "a circle: " + " -> ".join([*seen, child]))


def _check_once(what: str, items: Iterable[tuple[Hashable, Document, Key]]) -> None:
    first: dict[Any, str] = {}
    for name, document, key in items:
        line, _, _ = document.place(key)
        if name in first:
            shown = name if isinstance(name, str) else " version ".join(str(part) for part in name if part is not None)  # type: ignore[attr-defined]
            document.fault(key, f"expected each {what} once ({first[name]} has it too)", shown)
        else:
            first[name] = f"{document.file}:{line}"
