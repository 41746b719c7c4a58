"""A mapping: how the rows of a source system's CSV export become events. `config/mapping.py` reads it, with the line of every fault."""

import codecs
from functools import lru_cache
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import Discriminator, Field, StrictBool, StrictFloat, StrictInt, StrictStr, Tag, field_validator, model_validator

from models.catalogue import Part
from models.fields import BIGINT_MAX, BIGINT_MIN
from models.pseudonyms import LostZero
from models.registry import EVENT_TYPES, WIRE_PREFIX, WIRE_SUFFIX, EventType

Reads = Literal["text", "number", "integer", "money", "date", "month", "year", "reference"]
Encoding = Literal["utf-8", "latin-1", "windows-1252"]
Constant = StrictBool | Annotated[StrictInt, Field(ge=BIGINT_MIN, le=BIGINT_MAX)] | StrictFloat | StrictStr
ColumnName = Annotated[str, Field(strict=True, min_length=1, max_length=200)]
OTHERWISE = "*"
"""The key of a code table that stands for every code that is not in it."""


class CsvForm(Part):
    """How the file is written.

    empty   texts that mean that nothing stands there, besides nothing itself
    """

    encoding: Encoding = "utf-8"
    delimiter: Annotated[str, Field(min_length=1, max_length=1)] = ";"
    quote: Annotated[str, Field(min_length=1, max_length=1)] = '"'
    decimal: Literal[",", "."] = ","
    thousands: Literal[".", ",", " ", "'", ""] = "."
    empty: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _unlike(self) -> Self:
        if self.decimal == self.thousands:
            raise ValueError("expected `decimal` and `thousands` to be unlike")
        if self.delimiter in (self.quote, "\n", "\r"):
            raise ValueError("expected a delimiter that is neither the quotation mark nor a line end")
        return self

    @property
    def codec(self) -> str:
        """The codec's name as Python knows it."""
        return codecs.lookup({"windows-1252": "cp1252"}.get(self.encoding, self.encoding)).name


class Pseudonym(Part):
    """Which key makes the pseudonyms, and what becomes of numbers that have lost their leading zero."""

    kid: Annotated[str, Field(pattern=r"^[a-z0-9]{1,8}$")] = "k1"
    purpose: Annotated[str, Field(pattern=r"^[a-z0-9_-]{1,32}$")] = "effects"
    lost_leading_zero: LostZero = "refuse"


class Column(Part):
    """A value out of a column.

    as         what stands there: text, number, integer, money (kroner, becomes oere), date, month (`2025-01`), year, or reference (a
               source's own number, which is sent as a keyed hash because it may hold a civil registration number)
    format     of dates: as in `strptime`, `%d-%m-%Y`
    plus_days  added to a date: 1 turns a last day into the first day without
    codes      a code table: the text is looked up there
    default    what counts where the cell is empty
    """

    column: ColumnName
    reads: Reads = Field("text", alias="as")
    format: Annotated[str, Field(pattern="%")] | None = None
    plus_days: Annotated[int, Field(strict=True, ge=-366, le=366)] = 0
    codes: str | None = None
    default: Constant | None = None

    @model_validator(mode="after")
    def _fits(self) -> Self:
        dated = self.reads in ("date", "month", "year")
        if dated and self.format is None:
            raise ValueError("expected the key `format`, such as %d-%m-%Y, for a date")
        if not dated and (self.format is not None or self.plus_days):
            raise ValueError("expected `format` and `plus_days` only with `as: date`, month or year")
        if self.codes is not None and self.reads != "text":
            raise ValueError("expected `codes` only with `as: text`")
        return self


class Moment(Part):
    """A time out of a column; a date alone is the beginning of that day in the mapping's time zone."""

    column: ColumnName
    format: Annotated[str, Field(pattern="%")] = "%d-%m-%Y"
    plus_days: Annotated[int, Field(strict=True, ge=-366, le=366)] = 0


class Subject(Part):
    """Whom an event is about: one of these names the column.

    person     a civil registration number, sent as a pseudonym
    household  the source's name of a household, sent as a keyed hash
    pseudonym  a subject as the wire has it (`p:`, `c:`, `h:`), made elsewhere
    company    a company's number
    unit       the unit's id, for ledger and organisation events; `codes` translates it
    """

    person: ColumnName | None = None
    household: ColumnName | None = None
    pseudonym: ColumnName | None = None
    company: ColumnName | None = None
    unit: ColumnName | None = None
    codes: str | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        if len(self.model_fields_set - {"codes"}) != 1:
            raise ValueError("expected exactly one of: person, household, pseudonym, company, unit")
        if self.codes is not None and self.unit is None:
            raise ValueError("expected `codes` only with `unit`")
        return self

    @property
    def kind(self) -> str:
        """Which one it is."""
        return next(name for name in self.model_fields_set if name != "codes")

    @property
    def column(self) -> str:
        """The column it names."""
        return str(getattr(self, self.kind))


class When(Part):
    """What must hold of a cell for a row to make the event: `present` alone, or one of the texts (not one of them)."""

    column: ColumnName
    present: bool = True
    is_in: tuple[str, ...] | None = Field(None, alias="in")
    not_in: tuple[str, ...] | None = None


def _shape(value: Any) -> str:
    """What a field's value is meant to be: keys with `column` among them are a column, other keys are fields of their own."""
    if isinstance(value, Column) or (isinstance(value, dict) and "column" in value):
        return "a column"
    return "some fields" if isinstance(value, dict) else "a constant"


Value = Annotated[Annotated[Column, Tag("a column")] | Annotated[Constant, Tag("a constant")], Discriminator(_shape)]
FieldValue = Annotated[
    Annotated[Column, Tag("a column")] | Annotated[Constant, Tag("a constant")] | Annotated[dict[str, Value], Tag("some fields")],
    Discriminator(_shape),
]


class Rule(Part):
    """One event that a row can make.

    id     columns that together name the event in its source: the same row has the same id whenever it is sent
    when   every condition must hold; none: every row makes the event
    data   field -> column or constant; `attributes` and `effort` hold fields of their own
    """

    type: str
    id: Annotated[tuple[ColumnName, ...], Field(min_length=1)]
    subject: Subject
    time: Moment
    recordedtime: Moment | None = None
    when: tuple[When, ...] = ()
    data: dict[str, FieldValue] = {}

    @field_validator("type")
    @classmethod
    def _known_type(cls, name: str) -> str:
        short = name.removeprefix(WIRE_PREFIX).removesuffix(WIRE_SUFFIX)
        if short not in EVENT_TYPES:
            raise ValueError("expected a known event type, such as employment.benefit_started (`kerneeffekt schema` writes them all)")
        return short

    @property
    def event_type(self) -> EventType:
        """The type as the registry has it."""
        return EVENT_TYPES[self.type]


class Mapping(Part):
    """A whole mapping.

    name    part of every event's id: another mapping of the same source gives other ids
    source  the events' CloudEvents source
    codes   code tables: name -> what the source writes -> what the event says; `*` stands for all else
    """

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$")]
    source: Annotated[str, Field(strict=True, min_length=1, max_length=200)]
    time_zone: str = "Europe/Copenhagen"
    csv: CsvForm = CsvForm()
    pseudonym: Pseudonym = Pseudonym()
    codes: dict[str, dict[str, Constant]] = {}
    events: Annotated[tuple[Rule, ...], Field(min_length=1)]

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (KeyError, ValueError, OSError):
            raise ValueError("expected a time zone such as Europe/Copenhagen") from None
        return name

    @property
    def zone(self) -> ZoneInfo:
        """The time zone of dates and times without one."""
        return _zone(self.time_zone)

    @property
    def needs_key(self) -> bool:
        """Whether anything in it is hashed with a key."""
        return any(rule.subject.kind in ("person", "household") or _has_reference(rule) for rule in self.events)


def columns_of(value: FieldValue) -> list[Column]:
    """Every column that a field's value names."""
    if isinstance(value, Column):
        return [value]
    return [item for item in value.values() if isinstance(item, Column)] if isinstance(value, dict) else []


def _has_reference(rule: Rule) -> bool:
    return any(column.reads == "reference" for value in rule.data.values() for column in columns_of(value))


@lru_cache
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)
