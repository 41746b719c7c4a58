"""What `kerneeffekt check` says of a valid catalogue: how much is in it, what is declared but not computed yet, what deserves a look."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models.catalogue import COMPUTED_KINDS, Catalogue, CoreTask


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

    folder: str
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
            "folder": self.folder,
            "municipality": self.municipality,
            "counts": self.counts,
            "kinds": self.kinds,
            "not_computed_yet": [vars(item) for item in self.not_computed],
            "notes": list(self.notes),
            "definition_hash": self.definition_hash,
        }

    def lines(self) -> list[str]:
        """The report as lines of text."""
        counted = ", ".join(f"{count} {name}" for name, count in self.counts.items())
        text = [f"{self.folder}: valid. {self.municipality}: {counted}.", "Computed: " + (self._kinds(computed=True) or "no indicator") + "."]
        if self.not_computed:
            text.append(f"Declared, not computed yet ({len(self.not_computed)}):")
            text += [f"  {item.core_task_id}: {item.indicator_id} ({item.kind})" for item in self.not_computed]
        text += [f"Note: {note}" for note in self.notes]
        return [*text, f"Definition hash {self.definition_hash}"]

    def _kinds(self, *, computed: bool) -> str:
        return ", ".join(f"{count} {kind}" for kind, count in sorted(self.kinds.items()) if (kind in COMPUTED_KINDS) == computed)


def check_report(catalogue: Catalogue, folder: Path | str) -> CheckReport:
    """Count what a valid catalogue holds and name what has no figures yet.

    folder  where it was read, for the report's first line
    """
    indicators = catalogue.indicators()
    return CheckReport(
        folder=str(folder),
        municipality=catalogue.municipality.name.en,
        counts={
            "core tasks": len(catalogue.core_tasks),
            "units": len({unit.id for unit in catalogue.units}),
            "indicators": len(indicators),
            "outputs": sum(len(task.outputs) for task in catalogue.core_tasks),
            "amounts": sum(len(task.amounts) for task in catalogue.core_tasks),
            "mapping rules": len(catalogue.costs.rules),
        },
        kinds=dict(sorted(Counter(indicator.kind for _, indicator in indicators).items())),
        not_computed=tuple(NotComputed(task.id, indicator.id, indicator.kind) for task, indicator in indicators if indicator.kind not in COMPUTED_KINDS),
        notes=tuple(_notes(catalogue)),
        definition_hash=catalogue.definition_hash,
    )


def _notes(catalogue: Catalogue) -> list[str]:
    notes = [note for task in catalogue.core_tasks for note in _core_task_notes(task)]
    costed = {rule.to for rule in catalogue.costs.rules}
    notes += [f"{task.id}: no mapping rule places money there, so it has no effect per krone" for task in catalogue.core_tasks if task.id not in costed]
    declared = {unit.id for unit in catalogue.units}
    for place, rule in enumerate(catalogue.costs.rules, 1):
        unknown = [name for name in (*rule.unit, rule.set_unit) if declared and name and name not in declared]
        if unknown:
            notes.append(f"mapping rule {place} names {', '.join(unknown)}, which units.yaml does not have: it waits for an organisation event")
    if catalogue.municipality.price_year is not None and catalogue.costs.price_index is None:
        notes.append("price_year is set but costs.yaml has no price_index: money of other years cannot be brought to it")
    return notes


def _core_task_notes(task: CoreTask) -> list[str]:
    notes = []
    if not any(indicator.kind in COMPUTED_KINDS for indicator in task.indicators):
        notes.append(f"{task.id}: no indicator of a kind that is computed, so it shows no effect")
    if not task.outputs:
        notes.append(f"{task.id}: no output declared, so there is nothing to set beside the effect")
    return notes
