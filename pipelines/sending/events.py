"""What a row becomes: events by the rules of a mapping, and for what cannot be one the column and what was expected."""

import difflib
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from models import personal_number
from models.errors import ConfigurationError
from models.mapping import Column, CsvForm, FieldValue, Mapping, Rule, Subject, When
from models.pseudonyms import CprError, Key, KeyRing, normal_cpr
from pipelines.sending.cells import CellError, Convert, converter, moment, normal_text

_ID_DIGITS = 32
_KEYED = ("person", "household")
_SHORTEST = 9
"""Characters of a civil registration number without dash and without its leading zero."""
NO_NUMBER = "expected no civil registration number here; where a case's number holds one, read it `as: reference`"


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong in a row: the line on which it begins, the column (None: the row as a whole), what was expected."""

    line: int
    column: str | None
    expected: str

    def __str__(self) -> str:
        where = f"line {self.line}, column `{self.column}`" if self.column else f"line {self.line}"
        return f"{where}: {self.expected}"


class Refused(Exception):
    """A row's cell is not what was expected."""

    def __init__(self, column: str | None, expected: str) -> None:
        self.column, self.expected = column, expected
        super().__init__(expected)


@dataclass(frozen=True)
class _Cell:
    """One value of an event: where it goes, where it comes from, and how it is read."""

    path: tuple[str, ...]
    column: str
    index: int
    convert: Convert
    default: Any
    required: bool
    reads: str


@dataclass(frozen=True)
class Maker:
    """One rule, ready for the columns of one file."""

    rule: Rule
    holds: Callable[[Sequence[str]], bool]
    identify: Callable[[Sequence[str], str], str]
    subject: Callable[[Sequence[str]], str]
    times: tuple[tuple[str, str, int, Convert], ...]
    constants: tuple[tuple[tuple[str, ...], Any], ...]
    cells: tuple[_Cell, ...]
    source: str
    empty: frozenset[str]

    def event(self, row: Sequence[str]) -> bytes:
        """The event of a row as JSON; Refused where it cannot be one."""
        subject = self.subject(row)
        made: dict[str, Any] = {
            "specversion": "1.0",
            "id": self.identify(row, subject),
            "source": self.source,
            "type": self.rule.event_type.wire,
            "subject": subject,
        }
        for name, column, index, convert in self.times:
            text = row[index]
            if text.strip() in self.empty:
                if name == "time":
                    raise Refused(column, "expected a date, this is empty")
                continue
            made[name] = _converted(column, convert, text)
        made["data"] = self._data(row)
        return orjson.dumps(made)

    def column_of(self, field: str | None) -> str | None:
        """The column that a field of the event came from."""
        if field in ("time", "recordedtime"):
            return next((column for name, column, _, _ in self.times if name == field), None)
        if field == "subject":
            return self.rule.subject.column
        return next((cell.column for cell in self.cells if field == f"data.{cell.path[0]}"), None)

    def _data(self, row: Sequence[str]) -> dict[str, Any]:
        data: dict[str, Any] = {}
        for path, value in self.constants:
            _put(data, path, value)
        for cell in self.cells:
            text = row[cell.index]
            if text.strip() not in self.empty:
                _put(data, cell.path, _converted(cell.column, cell.convert, text))
            elif cell.default is not None:
                _put(data, cell.path, cell.default)
            elif cell.required:
                raise Refused(cell.column, f"expected a value for `{cell.path[0]}`, this is empty")
        return data


def make_makers(mapping: Mapping, header: Sequence[str], ring: KeyRing | None, file: Path) -> list[Maker]:
    """The rules of a mapping for the columns of a file.

    raises  ConfigurationError for a column that the file does not have or has twice, and for a key that is needed and not there
    """
    key = _key_of(mapping, ring)
    return [_maker(mapping, rule, _Header(header, file), key) for rule in mapping.events]


def _key_of(mapping: Mapping, ring: KeyRing | None) -> Key | None:
    if not mapping.needs_key:
        return None
    if ring is None:
        raise ConfigurationError("this mapping makes pseudonyms and needs a key: give --pseudonym-keys FILE (`kerneeffekt key new FILE`)")
    return ring.key(mapping.pseudonym.kid, mapping.pseudonym.purpose)


class _Header:
    """Names of columns and where they stand."""

    def __init__(self, names: Sequence[str], file: Path) -> None:
        self.names, self.file = [normal_text(name) for name in names], file

    def index(self, column: str) -> int:
        """Where a column stands; ConfigurationError when it is not there, or more than once."""
        wanted = normal_text(column)
        n = self.names.count(wanted)
        if n == 1:
            return self.names.index(wanted)
        if n:
            raise ConfigurationError(f"{self.file}: the header has the column `{column}` {n} times; expected it once")
        near = difflib.get_close_matches(wanted, self.names, n=1)
        hint = f" (did you mean `{near[0]}`?)" if near else " (is the delimiter right?)" if len(self.names) == 1 else ""
        raise ConfigurationError(f"{self.file}: the header has no column `{column}`{hint}, it has {len(self.names)} columns")


def _maker(mapping: Mapping, rule: Rule, header: _Header, key: Key | None) -> Maker:
    empty = frozenset({"", *mapping.csv.empty})
    times = [("time", rule.time), *([("recordedtime", rule.recordedtime)] if rule.recordedtime else [])]
    constants, cells = _fields(mapping, rule, header, key)
    return Maker(
        rule=rule,
        holds=_holds(rule.when, header, empty),
        identify=_identify(mapping, rule, header, empty, {cell.column: cell.convert for cell in cells if cell.reads == "reference"}),
        subject=_subject(mapping, rule.subject, header, key, empty),
        times=tuple((name, spec.column, header.index(spec.column), moment(spec, mapping.zone)) for name, spec in times),
        constants=tuple(constants),
        cells=tuple(cells),
        source=mapping.source,
        empty=empty,
    )


def _fields(mapping: Mapping, rule: Rule, header: _Header, key: Key | None) -> tuple[list[tuple[tuple[str, ...], Any]], list[_Cell]]:
    constants: list[tuple[tuple[str, ...], Any]] = []
    cells: list[_Cell] = []
    fields = rule.event_type.payload.model_fields
    for path, value in _flat(rule.data):
        if isinstance(value, Column):
            required = len(path) == 1 and fields[path[0]].is_required()
            convert = _without_numbers(value, converter(value, mapping.csv, mapping.codes, key))
            cells.append(_Cell(path, value.column, header.index(value.column), convert, value.default, required, value.reads))
        else:
            constants.append((path, value))
    return constants, cells


def _flat(data: dict[str, FieldValue]) -> list[tuple[tuple[str, ...], FieldValue]]:
    found: list[tuple[tuple[str, ...], FieldValue]] = []
    for name, value in data.items():
        found += [((name, inner), item) for inner, item in value.items()] if isinstance(value, dict) else [((name,), value)]
    return found


def _without_numbers(column: Column, convert: Convert) -> Convert:
    """A text as it stands must hold no civil registration number; the other ways of reading cannot keep one, but a whole number can."""
    if column.reads not in ("text", "integer", "number") or column.codes is not None:
        return convert

    def checked(text: str) -> Any:
        if _looks_personal(text):
            raise CellError(NO_NUMBER)
        return convert(text)

    return checked


def _looks_personal(text: str) -> bool:
    """Whether a civil registration number stands there, or one that has lost its leading zero."""
    return len(text) >= _SHORTEST and (personal_number.in_text(text) or personal_number.in_text(text.strip().zfill(_SHORTEST + 1)))


def _holds(conditions: Sequence[When], header: _Header, empty: frozenset[str]) -> Callable[[Sequence[str]], bool]:
    checks = [(header.index(each.column), each) for each in conditions]

    def holds(row: Sequence[str]) -> bool:
        return all(_is_so(normal_text(row[index]), each, empty) for index, each in checks)

    return holds


def _is_so(text: str, condition: When, empty: frozenset[str]) -> bool:
    if condition.is_in is not None:
        return text in condition.is_in
    if condition.not_in is not None:
        return text not in condition.not_in
    return (text not in empty) is condition.present


def _identify(
    mapping: Mapping, rule: Rule, header: _Header, empty: frozenset[str], hidden: dict[str, Convert]
) -> Callable[[Sequence[str], str], str]:
    """The event's id: its fact, and a hash of mapping, type and the naming columns.

    The hash has no key and could be searched, so what a key hides elsewhere is hidden here too, and a number of a person is refused.
    """
    keyed = rule.subject.column if rule.subject.kind in _KEYED else None
    named = [(column, None if column == keyed else header.index(column), hidden.get(column)) for column in rule.id]
    first = f"{mapping.name}\x1f{mapping.source}\x1f{rule.type}"

    def identify(row: Sequence[str], subject: str) -> str:
        texts = [first]
        for column, index, hide in named:
            text = subject if index is None else normal_text(row[index])
            if text in empty:
                raise Refused(column, "expected a value, as it is part of the event's id; this is empty")
            if index is not None and hide is None and _looks_personal(text):
                raise Refused(column, NO_NUMBER)
            texts.append(hide(text) if hide else text)
        return f"{rule.event_type.fact}:{hashlib.sha256(chr(31).join(texts).encode()).hexdigest()[:_ID_DIGITS]}"

    return identify


def _subject(mapping: Mapping, subject: Subject, header: _Header, key: Key | None, empty: frozenset[str]) -> Callable[[Sequence[str]], str]:
    column, index = subject.column, header.index(subject.column)
    convert = _subject_converter(mapping, subject, key)

    def named(row: Sequence[str]) -> str:
        text = row[index]
        if text.strip() in empty:
            raise Refused(column, "expected whom the event is about, this is empty")
        return str(_converted(column, convert, text))

    return named


def _subject_converter(mapping: Mapping, subject: Subject, key: Key | None) -> Convert:
    lost_zero = mapping.pseudonym.lost_leading_zero
    match subject.kind:
        case "person" if key is not None:
            return lambda text: key.person(normal_cpr(text, lost_zero))
        case "household" if key is not None:
            return lambda text: key.household(normal_text(text))
        case "company":
            return lambda text: f"c:{normal_text(text)}"
        case _ if subject.codes is not None:
            return converter(Column(column=subject.column, codes=subject.codes), CsvForm(), mapping.codes, None)
        case _:
            return normal_text


def _converted(column: str, convert: Convert, text: str) -> Any:
    try:
        return convert(text)
    except (CellError, CprError) as error:
        raise Refused(column, str(error)) from None


def _put(data: dict[str, Any], path: tuple[str, ...], value: Any) -> None:
    if len(path) == 1:
        data[path[0]] = value
    else:
        data.setdefault(path[0], {})[path[1]] = value
