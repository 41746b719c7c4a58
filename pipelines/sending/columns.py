"""How the cells of one file's columns are read: where each column stands, and what a cell must hold to be part of an event."""

import difflib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

from models import personal_number
from models.errors import ConfigurationError
from models.mapping import Column, CsvForm, Mapping, Moment, Subject, When
from models.pseudonyms import CprError, Key, normal_cpr
from pipelines.sending.cells import CellError, Convert, converter, moment, normal_text
from pipelines.sending.memo import Memo

Read = TypeVar("Read")

_SHORTEST = 9
"""Characters of a civil registration number without dash and without its leading zero."""
NO_NUMBER = "expected no civil registration number here; where a case's number holds one, read it `as: reference`"


class Refused(Exception):
    """A row's cell is not what was expected."""

    def __init__(self, column: str | None, expected: str) -> None:
        self.column, self.expected = column, expected
        super().__init__(expected)


class Columns:
    """The columns of a file by one mapping and key. What several rules read alike is read once: they share its memo.

    Every reader gives the place of its column and a memo: cell -> what an event says of it, or Refused.
    """

    def __init__(self, mapping: Mapping, names: Sequence[str], file: Path, key: Key | None) -> None:
        self._mapping, self._file, self._key = mapping, file, key
        self._names = [normal_text(name) for name in names]
        self._empty = frozenset({"", *mapping.csv.empty})
        self._memos: dict[str, Memo[Any]] = {}
        self._personal = Memo(looks_personal)

    def index(self, column: str) -> int:
        """Where a column stands; ConfigurationError when it is not there, or more than once."""
        wanted = normal_text(column)
        n = self._names.count(wanted)
        if n == 1:
            return self._names.index(wanted)
        if n:
            raise ConfigurationError(f"{self._file}: the header has the column `{column}` {n} times; expected it once")
        near = difflib.get_close_matches(wanted, self._names, n=1)
        hint = f" (did you mean `{near[0]}`?)" if near else " (is the delimiter right?)" if len(self._names) == 1 else ""
        raise ConfigurationError(f"{self._file}: the header has no column `{column}`{hint}, it has {len(self._names)} columns")

    def condition(self, condition: When) -> tuple[int, Memo[bool]]:
        """Whether a cell fulfils a condition."""
        return self._reader(condition.column, repr(condition), lambda text: _is_so(normal_text(text), condition, self._empty))

    def value(self, column: Column, field: str, *, required: bool) -> tuple[int, Memo[Any]]:
        """The value of a field; of an empty cell its default, or None where the field may be absent."""
        convert = self._without_numbers(column, converter(column, self._mapping.csv, self._mapping.codes, self._key))

        def read(text: str) -> Any:
            if text.strip() not in self._empty:
                return _converted(column.column, convert, text)
            if column.default is None and required:
                raise Refused(column.column, f"expected a value for `{field}`, this is empty")
            return column.default

        return self._reader(column.column, f"{column!r} {field if required else ''}", read)

    def naming(self, column: str, hidden: Column | None) -> tuple[int, Memo[str]]:
        """A part of an event's id: the text, or what a key makes of it where the event's data hides the column.

        The id is a hash without a key and could be searched, so a number of a person is refused.
        """
        hide = converter(hidden, self._mapping.csv, self._mapping.codes, self._key) if hidden else None

        def read(cell: str) -> str:
            text = normal_text(cell)
            if text in self._empty:
                raise Refused(column, "expected a value, as it is part of the event's id; this is empty")
            if hide is None and self._personal[text]:
                raise Refused(column, NO_NUMBER)
            return hide(text) if hide else text

        return self._reader(column, f"id {column!r} {hidden!r}", read)

    def subject(self, subject: Subject) -> tuple[int, Memo[str]]:
        """Whom an event is about, as the wire has it."""
        column, convert = subject.column, self._subject_converter(subject)

        def read(text: str) -> str:
            if text.strip() in self._empty:
                raise Refused(column, "expected whom the event is about, this is empty")
            return str(_converted(column, convert, text))

        return self._reader(column, repr(subject), read)

    def moment(self, spec: Moment, *, required: bool) -> tuple[int, Memo[str | None]]:
        """A time as RFC 3339; None where it is empty and may be."""
        convert = moment(spec, self._mapping.zone)

        def read(text: str) -> str | None:
            if text.strip() not in self._empty:
                return str(_converted(spec.column, convert, text))
            if required:
                raise Refused(spec.column, "expected a date, this is empty")
            return None

        return self._reader(spec.column, f"{spec!r} {required}", read)

    def _reader(self, column: str, how: str, read: Callable[[str], Read]) -> tuple[int, Memo[Read]]:
        """`how` tells ways of reading apart: equal texts read equally."""
        return self.index(column), self._memos.setdefault(how, Memo(read))

    def _without_numbers(self, column: Column, convert: Convert) -> Convert:
        """A text as it stands must hold no civil registration number; the other ways of reading cannot keep one, but a whole number can."""
        if column.reads not in ("text", "integer", "number") or column.codes is not None:
            return convert

        def checked(text: str) -> Any:
            if self._personal[text]:
                raise CellError(NO_NUMBER)
            return convert(text)

        return checked

    def _subject_converter(self, subject: Subject) -> Convert:
        key, lost_zero = self._key, self._mapping.pseudonym.lost_leading_zero
        match subject.kind:
            case "person" if key is not None:
                return lambda text: key.person(normal_cpr(text, lost_zero))
            case "household" if key is not None:
                return lambda text: key.household(normal_text(text))
            case "company":
                return lambda text: f"c:{normal_text(text)}"
            case _ if subject.codes is not None:
                return converter(Column(column=subject.column, codes=subject.codes), CsvForm(), self._mapping.codes, None)
            case _:
                return normal_text


def _is_so(text: str, condition: When, empty: frozenset[str]) -> bool:
    if condition.is_in is not None:
        return text in condition.is_in
    if condition.not_in is not None:
        return text not in condition.not_in
    return (text not in empty) is condition.present


def looks_personal(text: str) -> bool:
    """Whether a civil registration number stands there, or one that has lost its leading zero."""
    return (
        len(text) >= _SHORTEST
        and personal_number.n_digits(text) >= _SHORTEST
        and (personal_number.in_text(text) or personal_number.in_text(text.strip().zfill(_SHORTEST + 1)))
    )


def _converted(column: str, convert: Convert, text: str) -> Any:
    try:
        return convert(text)
    except (CellError, CprError) as error:
        raise Refused(column, str(error)) from None
