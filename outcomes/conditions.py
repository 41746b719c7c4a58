"""Conditions of the catalogue (`where`, `codes`, `known`) as SQL over the columns of `milestone`.

A name is a data field, `unit`, or `attributes.<name>`. The register says which column a field landed in; every other kept field stands in
the JSON object `fields`. On an ended event a name that the event itself does not have is read from its start (columns `from_*`).

How values compare: a text with the field's text; a number with the field read as a number (a text that is not a number is none); true and
false with the texts `true` and `false`. A missing field fails everything but `missing: true`, `not` and `not_in`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from models.catalogue import Condition, EventFilter, Scalar, Where
from outcomes.sql_texts import literal

_NUMBER = r"'[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?'"
_NUMERIC_COLUMNS = ("value", "amount_ore")
_TEXT_COLUMNS = ("unit", "episode", "code")


class Readable(Protocol):
    """What a condition must know of an event type: `models.registry.EventType` is one."""

    @property
    def name(self) -> str:
        """family.fact"""

    @property
    def state(self) -> str | None:
        """The state that it opens or closes."""

    @property
    def episode(self) -> str | None:
        """The data field that names the episode."""

    @property
    def reads_as(self) -> tuple[str, ...]:
        """start, end, point, ..."""

    @property
    def columns(self) -> Mapping[str, str]:
        """Data field -> the event column that holds it."""

    @property
    def in_fields(self) -> tuple[str, ...]:
        """Data fields that stand in `fields`."""


Registry = Mapping[str, Readable]


@dataclass(frozen=True)
class Reading:
    """One field of an event as SQL: its text and its number; both null where the field is missing."""

    text: str
    number: str


MISSING = Reading("NULL::VARCHAR", "NULL::DOUBLE")


def of_text(text: str) -> Reading:
    """A field that is kept as text: a number only where the whole text is one."""
    cast = f"TRY_CAST({text} AS DOUBLE)"
    number = f"CASE WHEN regexp_full_match({text}, {_NUMBER}) AND isfinite({cast}) THEN {cast} END"
    return Reading(text, number)


def pointer(name: str) -> str:
    """The place of a member of a JSON object, whatever its name, as an SQL literal."""
    return literal("/" + name.replace("~", "~0").replace("/", "~1"))


def read(event_type: Readable, name: str, prefix: str = "") -> Reading | None:
    """A field of an event's own; None where events of this type do not have it. `prefix` is `from_` for the start of an ended event."""
    if name.startswith("attributes."):
        return of_text(f"json_extract_string({prefix}attributes, {pointer(name.removeprefix('attributes.'))})")
    column = event_type.columns.get(name)
    if column in _NUMERIC_COLUMNS:
        return Reading(rf"regexp_replace({prefix}{column}::VARCHAR, '\.0$', '')", f"{prefix}{column}::DOUBLE")
    if column in _TEXT_COLUMNS:
        return of_text(f"{prefix}{column}")
    if column is None and name in event_type.in_fields:
        return of_text(f"json_extract_string({prefix}fields, {pointer(name)})")
    return None


def starts_of(event_type: Readable, registry: Registry) -> list[Readable]:
    """The types that open the state which this type closes; none when it closes nothing."""
    if "end" not in event_type.reads_as:
        return []
    return [other for other in registry.values() if other.state == event_type.state and "start" in other.reads_as]


def field(event_type: Readable, name: str, registry: Registry) -> Reading:
    """A field as a condition sees it: the event's own, and on an ended event else its start's."""
    found = [read(event_type, name)] + [read(start, name, "from_") for start in starts_of(event_type, registry)]
    parts = list(dict.fromkeys(reading for reading in found if reading is not None))
    if len(parts) < 2:
        return parts[0] if parts else MISSING
    text = "coalesce(" + ", ".join(part.text for part in parts) + ")"
    # The number belongs to the same place as the text: a text that is no number hides the start's number.
    number = "CASE " + " ".join(f"WHEN {part.text} IS NOT NULL THEN {part.number}" for part in parts) + " END"
    return Reading(text, number)


def equals(reading: Reading, scalar: Scalar) -> str:
    """SQL, true or false and never null: the field is there and is this value."""
    if isinstance(scalar, bool):
        return f"coalesce({reading.text} = {literal('true' if scalar else 'false')}, false)"
    if isinstance(scalar, int | float):
        return f"coalesce({reading.number} = {literal(float(scalar))}, false)"
    return f"coalesce({reading.text} = {literal(scalar)}, false)"


def one_of(reading: Reading, scalars: Iterable[Scalar]) -> str:
    """SQL, true or false and never null: the field is there and is one of these values."""
    return "(" + " OR ".join([equals(reading, scalar) for scalar in scalars] or ["false"]) + ")"


def holds(reading: Reading, condition: Condition) -> str:
    """SQL, true or false and never null: every key that the condition gives holds for the field."""
    tests: list[str] = []
    if condition.equals is not None:
        tests.append(equals(reading, condition.equals))
    if condition.is_in is not None:
        tests.append(one_of(reading, condition.is_in))
    if condition.is_not is not None:
        tests.append(f"NOT {equals(reading, condition.is_not)}")
    if condition.not_in is not None:
        tests.append(f"NOT {one_of(reading, condition.not_in)}")
    limits = ((">=", condition.minimum), ("<=", condition.maximum), (">", condition.above), ("<", condition.below))
    tests += [f"coalesce({reading.number} {sign} {literal(float(limit))}, false)" for sign, limit in limits if limit is not None]
    edges = (("starts_with", condition.starts_with), ("ends_with", condition.ends_with))
    tests += [f"coalesce({name}({reading.text}, {literal(edge)}), false)" for name, edge in edges if edge is not None]
    if condition.missing is not None:
        tests.append(f"({reading.text} IS {'' if condition.missing else 'NOT '}NULL)")
    return " AND ".join(tests) or "true"


def where_sql(event_type: Readable, where: Where, registry: Registry) -> str:
    """SQL over one row of `milestone` that is of this type: all conditions hold."""
    return " AND ".join(holds(field(event_type, name, registry), condition) for name, condition in where.items()) or "true"


def filter_sql(wanted: EventFilter, registry: Registry, numbers: Mapping[str, int]) -> str:
    """SQL over one row of `milestone`: it is of one of the types, and meets the conditions as that type reads them."""
    return " OR ".join(f"(type_no = {numbers[name]} AND {where_sql(registry[name], wanted.where, registry)})" for name in wanted.event)
