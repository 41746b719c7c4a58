"""What a row becomes: events by the rules of a mapping, and for what cannot be one the column and what was expected."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from models.errors import ConfigurationError
from models.mapping import Column, FieldValue, Mapping, Rule
from models.pseudonyms import Key, KeyRing
from pipelines.sending.columns import Columns, Refused
from pipelines.sending.memo import Memo

_ID_DIGITS = 32
_ID_AT = len('{"specversion":"1.0","id":"') + len(":")
"""Where the hash of an event's id begins, less its fact."""
_KEYED = ("person", "household")

__all__ = ["Fault", "Maker", "Refused", "make_makers"]


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong in a row: the line on which it begins, the column (None: the row as a whole), what was expected."""

    line: int
    column: str | None
    expected: str

    def __str__(self) -> str:
        where = f"line {self.line}, column `{self.column}`" if self.column else f"line {self.line}"
        return f"{where}: {self.expected}"


@dataclass(frozen=True, slots=True)
class _Cell:
    """One value of an event: the object in `data` that it goes into (None: `data` itself), its name there, and where it comes from."""

    inside: str | None
    name: str
    column: str
    index: int
    read: Memo[Any]


@dataclass(frozen=True, slots=True)
class Maker:
    """One rule, ready for the columns of one file: pairs of where a column stands, and what is read of its cells.

    named        columns that name the event; None: the subject
    named_first  the hash of what else its id is a hash of: mapping, source, type
    """

    rule: Rule
    source: str
    wire: str
    fact: str
    conditions: tuple[tuple[int, Memo[bool]], ...]
    named: tuple[tuple[int, Memo[str]] | None, ...]
    named_first: "hashlib._Hash"
    subject: tuple[int, Memo[str]]
    times: tuple[tuple[str, int, Memo[str | None]], ...]
    constants: tuple[tuple[tuple[str, ...], Any], ...]
    cells: tuple[_Cell, ...]

    def holds(self, row: Sequence[str]) -> bool:
        """Whether the row makes this event."""
        for index, fulfils in self.conditions:  # noqa: SIM110 - asked of every row and rule; a generator costs as much as the answer
            if not fulfils[row[index]]:
                return False
        return True

    def event(self, row: Sequence[str]) -> bytes:
        """The event of a row as JSON; Refused where it cannot be one."""
        at, subjects = self.subject
        subject = subjects[row[at]]
        made: dict[str, Any] = {
            "specversion": "1.0",
            "id": self._id(row, subject),
            "source": self.source,
            "type": self.wire,
            "subject": subject,
        }
        for name, index, moments in self.times:
            moment = moments[row[index]]
            if moment is not None:
                made[name] = moment
        made["data"] = self._data(row)
        return orjson.dumps(made)

    def fingerprints(self, event: bytes) -> tuple[int, int]:
        """An event's id and its content, each in a few bytes."""
        start = _ID_AT + len(self.fact)
        return int(event[start : start + _ID_DIGITS], 16), hash(event)

    def column_of(self, field: str | None) -> str | None:
        """The column that a field of the event came from."""
        match field:
            case "time":
                return self.rule.time.column
            case "recordedtime":
                return self.rule.recordedtime.column if self.rule.recordedtime else None
            case "subject":
                return self.rule.subject.column
            case _:
                return next((cell.column for cell in self.cells if field == f"data.{cell.inside or cell.name}"), None)

    def _id(self, row: Sequence[str], subject: str) -> str:
        """The event's id: its fact, and a hash of mapping, source, type and the naming columns."""
        made = self.named_first.copy()
        for named in self.named:
            made.update(f"\x1f{subject if named is None else named[1][row[named[0]]]}".encode())
        return f"{self.fact}:{made.hexdigest()[:_ID_DIGITS]}"

    def _data(self, row: Sequence[str]) -> dict[str, Any]:
        data: dict[str, Any] = {}
        for path, value in self.constants:
            _put(data, path, value)
        for cell in self.cells:
            value = cell.read[row[cell.index]]
            if value is None:
                continue
            if cell.inside is None:
                data[cell.name] = value
            else:
                data.setdefault(cell.inside, {})[cell.name] = value
        return data


def make_makers(mapping: Mapping, header: Sequence[str], ring: KeyRing | None, file: Path) -> list[Maker]:
    """The rules of a mapping for the columns of a file.

    raises  ConfigurationError for a column that the file does not have or has twice, and for a key that is needed and not there
    """
    columns = Columns(mapping, header, file, _key_of(mapping, ring))
    return [_maker(mapping, rule, columns) for rule in mapping.events]


def _key_of(mapping: Mapping, ring: KeyRing | None) -> Key | None:
    if not mapping.needs_key:
        return None
    if ring is None:
        raise ConfigurationError("this mapping makes pseudonyms and needs a key: give --pseudonym-keys FILE (`kerneeffekt key new FILE`)")
    return ring.key(mapping.pseudonym.kid, mapping.pseudonym.purpose)


def _maker(mapping: Mapping, rule: Rule, columns: Columns) -> Maker:
    fields = _flat(rule.data)
    cells = tuple(_cell(rule, path, value, columns) for path, value in fields if isinstance(value, Column))
    times = [("time", rule.time), *([("recordedtime", rule.recordedtime)] if rule.recordedtime else [])]
    hidden = {value.column: value for _, value in fields if isinstance(value, Column) and value.reads == "reference"}
    keyed = rule.subject.column if rule.subject.kind in _KEYED else None
    return Maker(
        rule=rule,
        source=mapping.source,
        wire=rule.event_type.wire,
        fact=rule.event_type.fact,
        conditions=tuple(columns.condition(each) for each in rule.when),
        named=tuple(None if name == keyed else columns.naming(name, hidden.get(name)) for name in rule.id),
        named_first=hashlib.sha256(f"{mapping.name}\x1f{mapping.source}\x1f{rule.type}".encode()),
        subject=columns.subject(rule.subject),
        times=tuple((name, *columns.moment(spec, required=name == "time")) for name, spec in times),
        constants=tuple((path, value) for path, value in fields if not isinstance(value, Column)),
        cells=cells,
    )


def _cell(rule: Rule, path: tuple[str, ...], column: Column, columns: Columns) -> _Cell:
    required = len(path) == 1 and rule.event_type.payload.model_fields[path[0]].is_required()
    return _Cell(path[0] if len(path) > 1 else None, path[-1], column.column, *columns.value(column, path[0], required=required))


def _flat(data: dict[str, FieldValue]) -> list[tuple[tuple[str, ...], FieldValue]]:
    found: list[tuple[tuple[str, ...], FieldValue]] = []
    for name, value in data.items():
        found += [((name, inner), item) for inner, item in value.items()] if isinstance(value, dict) else [((name,), value)]
    return found


def _put(data: dict[str, Any], path: tuple[str, ...], value: Any) -> None:
    if len(path) == 1:
        data[path[0]] = value
    else:
        data.setdefault(path[0], {})[path[1]] = value
