"""The organisation as it was: unit versions from catalogue and events, and where a unit belonged on any day.

Moves and mergers are history, not edits: a figure of 2023 goes to the parent that the unit had in 2023.
"""

import datetime as dt
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import duckdb
import pyarrow as pa

from models.catalogue import Catalogue
from pipelines.tables import ALL_UNITS

FIRST_DAY = dt.date(1, 1, 1)
LAST_DAY = dt.date(9999, 12, 31)


@dataclass(frozen=True)
class UnitVersion:
    """What a unit was during a stretch of days (`valid_to` is the first day after)."""

    unit_id: str
    name: str
    level: str | None = None
    profession: str | None = None
    parent_id: str | None = None
    valid_from: dt.date = FIRST_DAY
    valid_to: dt.date = LAST_DAY
    merged_into: str | None = None
    declared: bool = True
    support: bool = False


@dataclass(frozen=True)
class UnitChange:
    """A day on which what a unit holds changed, so that its figures before and after are not of the same whole.

    change  took over, merged into, gained or lost another unit
    """

    unit_id: str
    changed_on: dt.date
    change: str
    other_unit_id: str


class Organisation:
    """Every unit's versions in order of time. Outside its stated validity a unit is what the nearest version says."""

    def __init__(self, versions: Iterable[UnitVersion]) -> None:
        self._versions: dict[str, list[UnitVersion]] = defaultdict(list)
        for version in sorted(versions, key=lambda version: (version.unit_id, version.valid_from)):
            self._versions[version.unit_id].append(version)
        self._breaks = sorted(
            {FIRST_DAY} | {day for version in self.versions() for day in (version.valid_from, version.valid_to)} - {LAST_DAY}
        )

    def versions(self) -> list[UnitVersion]:
        """All versions, by unit and time."""
        return [version for unit in sorted(self._versions) for version in self._versions[unit]]

    def on(self, unit_id: str, day: dt.date) -> UnitVersion | None:
        """What the unit was on a day, or the nearest version before it, else the first after it."""
        known = self._versions.get(unit_id)
        if not known:
            return None
        return next((version for version in reversed(known) if version.valid_from <= day), known[0])

    def line(self, unit_id: str, day: dt.date) -> tuple[str, ...]:
        """The unit and its ancestors on a day, from the unit upward; a circle of parents ends where it closes."""
        line, current = [unit_id], self.on(unit_id, day)
        while current and current.parent_id and current.parent_id not in line:
            line.append(current.parent_id)
            current = self.on(current.parent_id, day)
        return tuple(line)

    def heir(self, unit_id: str, day: dt.date) -> str:
        """The unit that stands for this one on a day: itself, or whoever took over, as far as mergers up to that day go."""
        seen, current = [unit_id], self.on(unit_id, day)
        while current and current.merged_into and (current.valid_to <= day or current.valid_to == LAST_DAY):
            if current.merged_into in seen:
                break
            seen.append(current.merged_into)
            current = self.on(current.merged_into, day)
        return seen[-1]

    def line_as_is(self, unit_id: str, day: dt.date) -> tuple[str, ...]:
        """Where all history of a unit stands in the organisation of one day: its heir, and the heirs of those above."""
        line = [self.heir(unit_id, day)]
        current = self.on(line[0], day)
        while current and current.parent_id:
            above = self.heir(current.parent_id, day)
            if above in line:
                break
            line.append(above)
            current = self.on(above, day)
        return tuple(line)

    def changes(self) -> list[UnitChange]:
        """What changed in what each unit holds, and when: mergers, and units that came to stand under it or left."""
        found = [change for unit in sorted(self._versions) for change in (*self._moves(unit), *self._mergers(unit))]
        return sorted(found, key=lambda change: (change.unit_id, change.changed_on, change.change, change.other_unit_id))

    def _moves(self, unit_id: str) -> Iterator[UnitChange]:
        lines = self.lines(unit_id)
        for (_, day, before), (_, _, after) in pairwise(lines):
            yield from (UnitChange(above, day, "gained", unit_id) for above in after if above not in before)
            yield from (UnitChange(above, day, "lost", unit_id) for above in before if above not in after)

    def _mergers(self, unit_id: str) -> Iterator[UnitChange]:
        for version in self._versions[unit_id]:
            heir, day = version.merged_into, version.valid_to
            if heir is None or day == LAST_DAY:
                continue
            before, after = self.line(unit_id, day - dt.timedelta(days=1)), self.line(heir, day)
            yield UnitChange(unit_id, day, "merged into", heir)
            yield UnitChange(heir, day, "took over", unit_id)
            yield from (UnitChange(above, day, "gained", unit_id) for above in after[1:] if above not in before)
            yield from (UnitChange(above, day, "lost", unit_id) for above in before[1:] if above not in after)

    def lines(self, unit_id: str) -> list[tuple[dt.date, dt.date, tuple[str, ...]]]:
        """Stretches of days (from, to exclusive) with one line of ancestors each; together they cover all days."""
        found: list[tuple[dt.date, dt.date, tuple[str, ...]]] = []
        for start, end in zip(self._breaks, [*self._breaks[1:], LAST_DAY], strict=True):
            line = self.line(unit_id, start)
            if found and found[-1][2] == line:
                found[-1] = (found[-1][0], end, line)
            else:
                found.append((start, end, line))
        return found


def read_organisation(connection: duckdb.DuckDBPyConnection, catalogue: Catalogue, named: Iterable[str], as_of: dt.date) -> Organisation:
    """Units of the catalogue, what organisation events up to `as_of` say of them, and every unit that is only named.

    named   unit ids that effects, outputs and ledger entries name
    """
    versions: dict[str, list[UnitVersion]] = defaultdict(list)
    for unit in catalogue.units:
        versions[unit.id].append(
            UnitVersion(
                unit.id, unit.name.da, unit.level, unit.profession, unit.parent,
                unit.valid_from or FIRST_DAY, unit.valid_to or LAST_DAY, unit.merged_into, support=unit.support,
            )
        )  # fmt: skip
    rows = connection.execute(
        "SELECT type, coalesce(unit, subject), code, occurred_on, fields FROM src_event"
        " WHERE type IN ('organisation.unit_opened', 'organisation.unit_moved', 'organisation.unit_merged', 'organisation.unit_closed')"
        " AND occurred_on <= ? ORDER BY occurred_at, recorded_at, event_key",
        [as_of],
    ).fetchall()
    for kind, unit_id, level, day, fields in rows:
        versions[unit_id] = _apply(versions[unit_id], kind, unit_id, level, day, json.loads(fields or "{}"))
    above = {parent for known in versions.values() for version in known if (parent := version.parent_id)}
    for unit_id in (set(named) | above) - {unit for unit, known in versions.items() if known}:
        versions[unit_id] = [UnitVersion(unit_id, unit_id, declared=False)]
    return Organisation(version for known in versions.values() for version in known)


def _apply(known: list[UnitVersion], kind: str, unit_id: str, level: str | None, day: dt.date, fields: dict[str, str]) -> list[UnitVersion]:
    """The versions of a unit after one organisation event: what held is cut off on its day, and what it says holds from there."""
    latest = next((version for version in reversed(known) if version.valid_from <= day), known[-1] if known else None)
    ended = latest.valid_to if latest else LAST_DAY
    match kind:
        case "organisation.unit_opened":
            fresh = UnitVersion(unit_id, fields["name"], level, fields.get("profession"), fields.get("parent"), day)
        case "organisation.unit_moved":
            fresh = replace(
                latest or UnitVersion(unit_id, unit_id, declared=False), parent_id=fields["parent"], valid_from=day, valid_to=ended
            )
        case "organisation.unit_merged":
            return _closed(known, unit_id, day, fields["into"])
        case _:
            return _closed(known, unit_id, day, None)
    before = [_cut(version, day) for version in known if version.valid_from < day]
    return [*before, fresh]


def _cut(version: UnitVersion, day: dt.date) -> UnitVersion:
    return replace(version, valid_to=min(version.valid_to, day))


def _closed(known: list[UnitVersion], unit_id: str, day: dt.date, into: str | None) -> list[UnitVersion]:
    kept = [version for version in known if version.valid_from < day] or [UnitVersion(unit_id, unit_id, declared=False)]
    return [*kept[:-1], replace(_cut(kept[-1], day), merged_into=into or kept[-1].merged_into)]


def load_placements(connection: duckdb.DuckDBPyConnection, organisation: Organisation, units: Iterable[str]) -> None:
    """Make `placement` (unit x stretch of days with one line of ancestors) and `placement_unit` (its unit, every ancestor, `(all)`)."""
    placements: list[tuple[int, str, dt.date, dt.date]] = []
    members: list[tuple[int, str]] = []
    for unit_id in sorted(set(units)):
        for start, end, line in organisation.lines(unit_id):
            number = len(placements)
            placements.append((number, unit_id, start, end))
            members += [(number, member) for member in (*line, ALL_UNITS)]
    make_table(
        connection,
        "placement",
        placements,
        [("placement", pa.int32()), ("unit_id", pa.string()), ("valid_from", pa.date32()), ("valid_to", pa.date32())],
    )
    make_table(connection, "placement_unit", members, [("placement", pa.int32()), ("unit_id", pa.string())])


def make_table(
    connection: duckdb.DuckDBPyConnection, name: str, rows: Sequence[tuple[object, ...]], columns: list[tuple[str, pa.DataType]]
) -> None:
    """Make a working table of a few rows that Python has worked out."""
    arrays = [pa.array([row[i] for row in rows], type=kind) for i, (_, kind) in enumerate(columns)]
    connection.register("incoming", pa.table(arrays, names=[column for column, _ in columns]))
    connection.execute(f'CREATE TABLE "{name}" AS FROM incoming')
    connection.unregister("incoming")
