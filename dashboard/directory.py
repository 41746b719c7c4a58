"""The names in one publication: units, core tasks, indicators and outputs, in Danish and English, with how they hang together."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from dashboard.queries import Row

if TYPE_CHECKING:
    from dashboard.snapshots import Snapshot

ALL_UNITS = "(all)"
LEVELS = ("municipality", "administration", "institution", "department")


@dataclass(frozen=True)
class Label:
    """A text in both languages; English falls back to Danish, Danish to the id."""

    da: str
    en: str

    def say(self, language: str) -> str:
        """The text in one language."""
        return self.en if language == "en" else self.da


@dataclass(frozen=True)
class Unit:
    """A unit as its newest validity has it."""

    id: str
    name: Label
    level: str | None
    parent: str | None
    profession: str | None
    merged_into: str | None
    valid_to: Any = None


@dataclass(frozen=True)
class CoreTask:
    """A core task as its newest version has it; `links` are (core task id, how it contributes)."""

    id: str
    name: Label
    purpose: Label
    target_group: Label
    prerequisites: tuple[Label, ...]
    parent: str | None
    unit: str | None
    links: tuple[tuple[str, Label], ...]


@dataclass(frozen=True)
class Indicator:
    """An indicator's newest version and what it says of itself."""

    id: str
    version: int
    core_task: str
    name: Label
    unit_of_effect: Label
    note: Label | None
    kind: str
    horizon: str | None
    time_unit: str | None
    evidence: str | None
    direction: str
    beneficiary: tuple[str, ...]
    lead_for_cost: bool
    computed: bool
    definition: dict[str, Any]
    breaks: tuple[tuple[str, Label], ...]


@dataclass
class Directory:
    """Every name of one publication."""

    units: dict[str, Unit] = field(default_factory=dict)
    core_tasks: dict[str, CoreTask] = field(default_factory=dict)
    indicators: dict[str, Indicator] = field(default_factory=dict)
    outputs: dict[str, Label] = field(default_factory=dict)

    def indicators_of(self, core_task_id: str) -> list[Indicator]:
        """The indicators of a core task, in the catalogue's order."""
        return [indicator for indicator in self.indicators.values() if indicator.core_task == core_task_id]

    def contributors_to(self, core_task_id: str) -> list[tuple[CoreTask, Label]]:
        """Core tasks that say that they contribute to this one."""
        return [(task, how) for task in self.core_tasks.values() for to, how in task.links if to == core_task_id]

    def children(self, unit_id: str | None) -> list[Unit]:
        """The units right under a unit, by name; of None: those without a known parent."""
        known = self.units
        under = (unit for unit in known.values() if (unit.parent if unit.parent in known else None) == unit_id)
        return sorted(under, key=lambda unit: unit.name.da.casefold())

    def path(self, unit_id: str) -> list[Unit]:
        """From the top of the organisation down to the unit; a ring in the data ends the walk."""
        walked: list[Unit] = []
        unit = self.units.get(unit_id)
        while unit is not None and unit not in walked:
            walked.append(unit)
            unit = self.units.get(unit.parent) if unit.parent else None
        return walked[::-1]

    def level_of(self, unit_id: str) -> str:
        """The unit's level, `unknown` when nobody declared it."""
        unit = self.units.get(unit_id)
        return (unit.level if unit else None) or "unknown"


def read_directory(snapshot: "Snapshot") -> Directory:
    """Read the dimension tables; a table that is not published leaves its names empty."""
    directory = Directory()
    for row in _dimension(snapshot, "dim_unit"):
        directory.units[row["unit_id"]] = _unit(row)
    for row in _dimension(snapshot, "dim_core_task"):
        directory.core_tasks[row["core_task_id"]] = _core_task(row)
    for row in _dimension(snapshot, "dim_indicator"):
        directory.indicators[row["indicator_id"]] = _indicator(row)
    for row in _dimension(snapshot, "dim_output"):
        directory.outputs[row["output_id"]] = _label(row, "name", row["output_id"])
    return directory


def _dimension(snapshot: "Snapshot", table: str) -> list[Row]:
    return snapshot.rows(table) if snapshot.has(table) else []


def _unit(row: Row) -> Unit:
    return Unit(
        row["unit_id"],
        _label(row, "name", row["unit_id"]),
        row.get("level"),
        row.get("parent_id"),
        row.get("profession"),
        row.get("merged_into"),
        row.get("valid_to"),
    )


def _core_task(row: Row) -> CoreTask:
    links = tuple((str(link.get("to")), _as_label(link.get("how"), "")) for link in _json_list(row.get("links")) if isinstance(link, dict))
    return CoreTask(
        row["core_task_id"],
        _label(row, "name", row["core_task_id"]),
        _label(row, "purpose", ""),
        _label(row, "target_group", ""),
        tuple(_pair(row, "prerequisites")),
        row.get("parent_id"),
        row.get("unit_id"),
        links,
    )


def _indicator(row: Row) -> Indicator:
    definition = _json_object(row.get("definition"))
    effect = definition.get("effect") or {}
    breaks = tuple(
        (str(item.get("on")), _as_label(item.get("why"), "")) for item in definition.get("breaks") or [] if isinstance(item, dict)
    )
    note = definition.get("note") if row.get("note") is None else {"da": row["note"], "en": row.get("note_en") or row["note"]}
    name = _label(row, "name", "") if row.get("name") else _as_label(definition.get("name"), row["indicator_id"])
    unit_of_effect = (
        _label(row, "unit_of_effect", "")
        if row.get("unit_of_effect_en")
        else _as_label(effect.get("unit"), row.get("unit_of_effect") or "")
    )
    return Indicator(
        id=row["indicator_id"],
        version=int(row.get("version") or 1),
        core_task=row["core_task_id"],
        name=name,
        unit_of_effect=unit_of_effect,
        note=_as_label(note, "") if note else None,
        kind=row.get("kind") or "",
        horizon=row.get("horizon"),
        time_unit=row.get("time_unit"),
        evidence=row.get("evidence_level"),
        direction=row.get("direction") or definition.get("direction") or "up",
        beneficiary=tuple(_words(row.get("beneficiary") or effect.get("beneficiary"))),
        lead_for_cost=bool(row.get("lead_for_cost", definition.get("lead_for_cost", True))),
        computed=bool(row.get("computed", True)),
        definition=definition,
        breaks=breaks,
    )


def _label(row: Row, column: str, otherwise: str) -> Label:
    danish = row.get(column)
    if isinstance(danish, str) and danish.startswith("{"):
        return _as_label(_json_object(danish), otherwise)
    danish = danish or otherwise
    return Label(str(danish), str(row.get(f"{column}_en") or danish))


def _as_label(value: Any, otherwise: str) -> Label:
    if isinstance(value, dict):
        danish = str(value.get("da") or value.get("en") or otherwise)
        return Label(danish, str(value.get("en") or danish))
    return Label(str(value or otherwise), str(value or otherwise))


def _pair(row: Row, column: str) -> Iterable[Label]:
    """A JSON list of texts, in one column with both languages in each entry or in two columns side by side."""
    danish, english = _json_list(row.get(column)), _json_list(row.get(f"{column}_en"))
    for place, entry in enumerate(danish):
        if isinstance(entry, dict):
            yield _as_label(entry, "")
        else:
            yield Label(str(entry), str(english[place]) if place < len(english) else str(entry))


def _json_list(value: Any) -> list[Any]:
    if isinstance(value, list | tuple):
        return list(value)
    if not isinstance(value, str) or not value:
        return []
    try:
        found = json.loads(value)
    except ValueError:
        return [value]
    return found if isinstance(found, list) else [found]


def _json_object(value: Any) -> dict[str, Any]:
    try:
        found = json.loads(value) if isinstance(value, str) else value
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _words(value: Any) -> list[str]:
    if isinstance(value, str) and not value.startswith("["):
        return [word.strip() for word in value.split(",") if word.strip()]
    return [str(word) for word in _json_list(value)]
