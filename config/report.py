"""What `kerneeffekt check` says of a valid catalogue: how much is in it, what is declared but not computed yet, what deserves a look."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from models.catalogue import COMPUTED_KINDS, Catalogue, CoreTask

NAMED_AT_MOST = 8


@dataclass(frozen=True)
class NotComputed:
    """An indicator whose kind is declared but not translated yet: it has no figures, and that is said by name."""

    core_task_id: str
    indicator_id: str
    kind: str


@dataclass(frozen=True)
class CheckReport:
    """The result of checking a catalogue without faults.

    notes  things that are allowed and may still be a mistake
    """

    municipality: str
    counts: dict[str, int]
    kinds: dict[str, int]
    not_computed: tuple[NotComputed, ...]
    notes: tuple[str, ...]
    definition_hash: str

    def as_json(self) -> dict[str, Any]:
        """The report as plain values, for `--json`."""
        return {
            "ok": True,
            "municipality": self.municipality,
            "counts": self.counts,
            "kinds": self.kinds,
            "not_computed_yet": [vars(item) for item in self.not_computed],
            "notes": list(self.notes),
            "definition_hash": self.definition_hash,
        }

    def __str__(self) -> str:
        return "\n".join(self.lines())

    def lines(self) -> list[str]:
        """The report as lines of text."""
        counted = ", ".join(f"{count} {name}" for name, count in self.counts.items())
        text = [
            f"{self.municipality}: the catalogue is valid. {counted}.",
            "Computed: " + (self._kinds(computed=True) or "no indicator") + ".",
        ]
        if self.not_computed:
            text.append(f"Declared, not computed yet ({len(self.not_computed)}):")
            text += [f"  {item.core_task_id}: {item.indicator_id} ({item.kind})" for item in self.not_computed]
        text += [f"Note: {note}" for note in self.notes]
        return [*text, f"Definition hash {self.definition_hash}"]

    def _kinds(self, *, computed: bool) -> str:
        return ", ".join(f"{count} {kind}" for kind, count in sorted(self.kinds.items()) if (kind in COMPUTED_KINDS) == computed)


def check_report(catalogue: Catalogue) -> CheckReport:
    """Count what a valid catalogue holds and name what has no figures yet."""
    indicators = catalogue.indicators()
    return CheckReport(
        municipality=catalogue.municipality.name.en,
        counts={
            "core tasks": len(catalogue.core_tasks),
            "units": len({unit.id for unit in catalogue.units}),
            "indicators": len(indicators),
            "outputs": sum(len(task.outputs) for task in catalogue.core_tasks),
            "amounts": sum(len(task.amounts) for task in catalogue.core_tasks),
            "mapping rules": len(catalogue.costs.rules),
            "references": len(catalogue.references),
        },
        kinds=dict(sorted(Counter(indicator.kind for _, indicator in indicators).items())),
        not_computed=tuple(
            NotComputed(task.id, indicator.id, indicator.kind) for task, indicator in indicators if indicator.kind not in COMPUTED_KINDS
        ),
        notes=tuple(_notes(catalogue)),
        definition_hash=catalogue.definition_hash,
    )


def _notes(catalogue: Catalogue) -> list[str]:
    tasks = catalogue.core_tasks
    costed = {rule.to for rule in catalogue.costs.rules}
    notes = [
        *_named("no indicator of a kind that is computed, so no effect is shown", [task.id for task in tasks if not _is_computed(task)]),
        *_named("no output declared, so nothing stands beside the effect", [task.id for task in tasks if not task.outputs]),
        *_named("no mapping rule places money there, so no effect per krone", [task.id for task in tasks if task.id not in costed]),
        *_named(
            "named as `expected.reference` but not in references/, so nothing is expected until `kerneeffekt reference fit` has made it",
            _references_to_come(catalogue),
        ),
        *_named("named in mapping rules but not in units.yaml: they wait for an organisation event", _units_to_come(catalogue)),
    ]
    if catalogue.municipality.price_year is not None and not catalogue.costs.indices:
        notes.append("price_year is set but costs.yaml has no price index: money of other years cannot be brought to it")
    return notes


def _is_computed(task: CoreTask) -> bool:
    return any(indicator.kind in COMPUTED_KINDS for indicator in task.indicators)


def _references_to_come(catalogue: Catalogue) -> list[str]:
    asked = [indicator for _, indicator in catalogue.indicators() if (one := getattr(indicator, "expected", None)) and one.reference]
    return sorted({indicator.expected.reference for indicator in asked if catalogue.reference_of(indicator) is None})


def _units_to_come(catalogue: Catalogue) -> list[str]:
    declared = {unit.id for unit in catalogue.units}
    named = {unit for rule in catalogue.costs.rules for unit in (*rule.unit, rule.set_unit) if unit}
    return sorted(named - declared) if declared else []


def _named(what: str, ids: list[str]) -> list[str]:
    """One note for all of a kind: a catalogue of seventy core tasks should not say the same thing seventy times."""
    more = f" and {len(ids) - NAMED_AT_MOST} more" if len(ids) > NAMED_AT_MOST else ""
    return [f"{what} ({', '.join(ids[:NAMED_AT_MOST])}{more})"] if ids else []
