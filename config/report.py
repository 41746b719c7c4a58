"""What `kerneeffekt check` says of a valid catalogue: how much is in it, what deserves a look."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from models.catalogue import Catalogue

NAMED_AT_MOST = 8


@dataclass(frozen=True)
class CheckReport:
    """The result of checking a catalogue without faults.

    notes  things that are allowed and may still be a mistake
    """

    municipality: str
    counts: dict[str, int]
    kinds: dict[str, int]
    notes: tuple[str, ...]
    definition_hash: str

    def as_json(self) -> dict[str, Any]:
        """The report as plain values, for `--json`."""
        return {
            "ok": True,
            "municipality": self.municipality,
            "counts": self.counts,
            "kinds": self.kinds,
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
            "Computed: " + (", ".join(f"{count} {kind}" for kind, count in self.kinds.items()) or "no indicator") + ".",
        ]
        text += [f"Note: {note}" for note in self.notes]
        return [*text, f"Definition hash {self.definition_hash}"]


def check_report(catalogue: Catalogue) -> CheckReport:
    """Count what a valid catalogue holds and name what deserves a look."""
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
        notes=tuple(_notes(catalogue)),
        definition_hash=catalogue.definition_hash,
    )


def _notes(catalogue: Catalogue) -> list[str]:
    tasks = catalogue.core_tasks
    costed = {rule.to for rule in catalogue.costs.rules}
    notes = [
        *_named("no indicator, so no effect is shown", [task.id for task in tasks if not task.indicators]),
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
