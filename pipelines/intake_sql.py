"""The SQL of the fast record path, compiled from the event registry and the bounds of the pydantic fields.

Two statements: one takes the envelopes of a whole batch apart, one the data of each type that is present. Both exist twice: with
the rules as a filter (what passes is surely accepted by pydantic) and without (for records that `models.records` has accepted and
written anew). A third takes records whose values are cut out already, since they are written like others before
(`pipelines/intake_layouts.py`). Every rule errs on the narrow side: a record that fails one is not rejected but read again.
"""

import typing
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from types import NoneType, UnionType

from pydantic import AfterValidator, StringConstraints
from pydantic.fields import FieldInfo

from models.fields import MAX_ATTRIBUTES, is_calendar_date
from models.records import ENVELOPE_FIELDS, MAX_BYTES
from models.registry import EVENT_TYPES, EventType, Joined, Ratio
from pipelines.sql_texts import sql

EVENT_COLUMNS = (
    "event_key", "source", "id", "content_hash", "type", "subject", "subject_key", "occurred_at", "occurred_on", "recorded_at",
    "unit", "episode", "code", "value", "amount_ore", "fields", "attributes", "effort",
)  # fmt: skip
LONGEST_PLAIN_NUMBER = 18
"""Digits that surely fit a BIGINT; longer ones are left to pydantic."""
_SURELY_HELD = 10**LONGEST_PLAIN_NUMBER


@dataclass(frozen=True)
class Zone:
    """A time zone by its name, and the bounds of its offset from UTC in seconds over all years that events can have."""

    name: str
    least_offset_s: int
    greatest_offset_s: int


@dataclass(frozen=True)
class FieldRule:
    """What one data field may hold, read off its annotation."""

    name: str
    kind: str
    required: bool
    default: str | None
    choices: tuple[str, ...] = ()
    pattern: str | None = None
    is_date: bool = False
    shortest: int | None = None
    longest: int | None = None
    lowest: float | None = None
    highest: float | None = None
    cut_out: bool = False
    """Whether the value is a piece of the record's own bytes: a text without its quotation marks, a number as it was written."""
    absent: bool = False
    """Whether no record at hand has the field."""

    @property
    def column(self) -> str:
        """What was sent."""
        return "NULL::VARCHAR" if self.absent else f"d.{quoted_name(self.name)}"

    @property
    def json(self) -> str:
        """The JSON text of the field (cut out: a text itself), with the default where it is absent."""
        return self.column if self.default is None else f"coalesce({self.column}, {self._literal(self.default)})"

    @property
    def text(self) -> str:
        """The field as text."""
        return self.json if self.cut_out else f"({self.json} ->> '$')"

    @property
    def number(self) -> str:
        """The field as a number."""
        return f"(TRY_CAST({self.json}::VARCHAR AS DOUBLE) + 0.0::DOUBLE)"  # the sum takes the sign from a zero

    @property
    def canonical(self) -> str:
        """The JSON text in which equal values are equal texts."""
        if self.kind == "number":
            return _whole(self.json)
        return f"('\"' || {self.json} || '\"')" if self.cut_out and self.kind == "text" else self.json

    def _literal(self, text: str) -> str:
        return quoted(text) if self.cut_out else quoted_json(text)

    def predicate(self) -> str:
        """True exactly where the field is present and acceptable, or rightly absent (narrower for rare forms)."""
        value = self.column
        rule = " AND ".join(self._rules(value))
        return f"({value} IS NOT NULL AND {rule})" if self.required else f"({value} IS NULL OR ({rule}))"

    def _rules(self, value: str) -> list[str]:
        match self.kind:
            case "text":
                return self._text_rules(value)
            case "number":
                return [
                    _full_match(value, NUMBER_CUT_OUT) if self.cut_out else f"(ascii({value}) BETWEEN 48 AND 57 OR ascii({value}) = 45)",
                    f"strlen({value}) <= {LONGEST_PLAIN_NUMBER}",
                    f"coalesce(isfinite({self.number}), false)",
                    *self._bounds(self.number),
                ]
            case "integer":
                return [
                    _full_match(value, INTEGER_CUT_OUT if self.cut_out else INTEGER),
                    *self._bounds(f"TRY_CAST({value}::VARCHAR AS BIGINT)"),
                ]
            case "attributes" if self.cut_out:  # their names are known from the layout
                return [_flat_object(value, '[^"]+', SCALAR_CUT_OUT)]
            case "effort" if self.cut_out:
                flat = _flat_object(value, "[A-Za-z0-9._:-]+", NUMBER_CUT_OUT.replace("-?", ""))
                return [f"CASE WHEN {flat} THEN {' AND '.join(_distinct_names(value))} ELSE false END"]
            case "attributes":
                return [*_object_rules(value, '[^"]+', SCALAR), f"len(json_keys({value})) <= {MAX_ATTRIBUTES}"]
            case "effort":
                return _object_rules(value, "[A-Za-z0-9._:-]+", NUMBER.removeprefix("-?"))
            case _:
                return ["false"]

    def _bounds(self, number: str) -> list[str]:
        bounds = {">=": self.lowest, "<=": self.highest}
        return [
            f"{number} {sign} {bound!r}" for sign, bound in bounds.items() if bound is not None and abs(bound) < 10**LONGEST_PLAIN_NUMBER
        ]

    def _text_rules(self, value: str) -> list[str]:
        if self.choices:
            return [f"{value} IN ({', '.join(map(self._literal, self.choices))})"]
        marks = 0 if self.cut_out else 2
        if self.pattern is not None:
            matches = self._pattern_rule(value, self.pattern, marks)
            text = value if self.cut_out else f"{value} ->> '$'"
            date = f"(strlen({value}) <> {10 + marks} OR TRY_CAST({text} AS DATE) IS NOT NULL)"
            return [matches, date] if self.is_date else [matches]
        rules = [] if self.cut_out else [f"starts_with({value}, '\"')"]
        if self.shortest is not None:
            rules.append(f"strlen({value}) >= {self.shortest + marks}")
        if self.longest is not None:
            rules.append(f"length({value}) <= {self.longest + marks}")
        return rules or ["true"]

    def _pattern_rule(self, value: str, pattern: str, marks: int) -> str:
        """A pattern on the text; a bound of 64 repetitions becomes a length, which costs no states of an automaton."""
        body = pattern.removeprefix("^").removesuffix("$")
        free = body.removesuffix("{1,64}")
        if free != body:
            return f"(regexp_full_match({value}, {self._literal(free + '+')}) AND strlen({value}) <= {64 + marks})"
        return f"regexp_full_match({value}, {self._literal(f'(?:{body})')})"


NUMBER = r"-?[0-9]+(?:\.[0-9]+)?"
SCALAR = rf'"[^"]*"|true|false|null|{NUMBER}'
NORMAL_NUMBER = r"(?:0|-?[1-9][0-9]{0,14}|-?(?:0|[1-9][0-9]{0,6})\.[0-9]{0,3}[1-9])"
"""A number that is written as JSON in normal form has it; those that are written otherwise are parsed to become so."""
NUMBER_CUT_OUT = rf"(?:{NORMAL_NUMBER}|-?(?:0|[1-9][0-9]{{0,14}})\.0)"
INTEGER = f"-?[0-9]{{1,{LONGEST_PLAIN_NUMBER}}}"
INTEGER_CUT_OUT = f"0|-?[1-9][0-9]{{0,{LONGEST_PLAIN_NUMBER - 1}}}"
SCALAR_CUT_OUT = rf'"[^"]*"|true|false|null|{NORMAL_NUMBER}'
MOST_PIECES = 8
"""Attributes of a record whose names are not in order, if it is to be cut up rather than parsed."""


def _full_match(value: str, pattern: str) -> str:
    return f"regexp_full_match({value}, {quoted(pattern)})"


def _flat_object(value: str, name: str, scalar: str) -> str:
    """A flat object as minimal JSON without escapes, proven from its text alone."""
    pair = rf'"{name}":(?:{scalar})'
    pattern = rf"\{{(?:{pair}(?:,{pair})*)?\}}"
    return _full_match(value, pattern)


def _distinct_names(value: str) -> list[str]:
    names = f"json_keys({value})"
    return [f"len(list_distinct({names})) = len({names})", f"len(list_filter({names}, lambda k: length(k) > 64)) = 0"]


def _object_rules(value: str, name: str, scalar: str) -> list[str]:
    """A flat object (its text is valid minimal JSON without escapes) whose names are all different, and whose numbers are not too long."""
    pairs = rf'\{{(?:\}}|(?:"{name}":(?:{scalar})[,}}])+)'
    return [
        f"regexp_full_match({value}, {quoted(pairs)})",
        _distinct_names(value)[0],
        f"CASE WHEN strlen({value}) <= {LONGEST_PLAIN_NUMBER} THEN true "
        f"ELSE NOT regexp_matches({value}, '[0-9.e+-]{{{LONGEST_PLAIN_NUMBER + 1}}}') "
        f"AND {_distinct_names(value)[1]} END",
    ]


def quoted(text: str) -> str:
    """A text of our own (registry, patterns) as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def quoted_json(text: str) -> str:
    """A text of our own as an SQL literal of its JSON form, with the quotation marks."""
    return quoted(f'"{text}"')


def quoted_name(name: str) -> str:
    """A field name of our own as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


@cache
def field_rules(event_type: EventType) -> dict[str, FieldRule]:
    """The rule of each data field of a type, by name."""
    hints = typing.get_type_hints(event_type.payload, include_extras=True)
    return {name: _field_rule(name, hints[name], info) for name, info in event_type.payload.model_fields.items()}


def _field_rule(name: str, hint: object, info: FieldInfo) -> FieldRule:
    base, metadata = _unwrapped(hint)
    default = info.default if isinstance(info.default, str) else None
    common = {"name": name, "required": info.is_required(), "default": default}
    if name in ("attributes", "effort"):
        return FieldRule(kind=name, **common)  # type: ignore[arg-type]
    if typing.get_origin(base) is typing.Literal:
        return FieldRule(kind="text", choices=typing.get_args(base), **common)  # type: ignore[arg-type]
    if base is str:
        limits = next(item for item in metadata if isinstance(item, StringConstraints))
        is_date = any(isinstance(item, AfterValidator) and item.func is is_calendar_date for item in metadata)
        pattern = typing.cast("str | None", limits.pattern)
        return FieldRule(
            kind="text", pattern=pattern, is_date=is_date, shortest=limits.min_length, longest=limits.max_length, **common  # type: ignore[arg-type]
        )  # fmt: skip
    if base in (int, float):
        lowest, highest = (_bound(metadata, side) for side in ("ge", "le"))
        return FieldRule(kind="integer" if base is int else "number", lowest=lowest, highest=highest, **common)  # type: ignore[arg-type]
    return FieldRule(kind="document", **common)  # type: ignore[arg-type]


def _unwrapped(hint: object) -> tuple[object, list[object]]:
    if typing.get_origin(hint) in (UnionType, typing.Union):
        hint = next(part for part in typing.get_args(hint) if part is not NoneType)
    if typing.get_origin(hint) is typing.Annotated:
        base, *metadata = typing.get_args(hint)
        return base, metadata
    return hint, []


def _bound(metadata: Sequence[object], side: str) -> float | None:
    inner = [part for item in metadata if isinstance(item, FieldInfo) for part in item.metadata]
    return next((getattr(part, side) for part in inner if hasattr(part, side)), None)


PSEUDONYM_LENGTH = "(strlen(subject) - greatest(instr(subject, '.'), 2))"
"""Digits behind `p:` or the dot of a key id, of a subject that is known to have one dot at most and to be ASCII."""
PERSONAL_NUMBER_SQL = (
    r"(?:^|[^0-9A-Za-z])[0-3][0-9][01][0-9]{3}[- ]?[0-9]{4}(?:[^0-9A-Za-z]|$)"  # ten digits, anywhere
    r"|[:,]-?[1-9](?:0[1-9]|1[0-2])[0-9]{6}(?:[.,}]|$)"  # a number that has lost its leading zero
)
TIME_SQL = (
    r'"(?:1[89]|2[0-9])[0-9]{2}-[0-9]{2}-[0-9]{2}T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]{1,6})?'
    r'(?:Z|[+-](?:0[0-9]|1[0-4]):[0-5][0-9])"'
)


def envelope_statement(*, checked: bool) -> str:
    """Take apart the envelopes of `incoming` (position, raw)."""
    condition = _filled("intake_envelope_rules", _envelope_values()) if checked else "true"
    return _filled("intake_envelope", {"condition": condition})


def _envelope_values() -> dict[str, str]:
    names = [name for name in ENVELOPE_FIELDS if name != "data"]
    length = " + ".join(f"coalesce(strlen({name}_json) + {len(name) + 4}, 0)" for name in names)
    return {
        "max_bytes": str(MAX_BYTES),
        "personal_number": quoted(PERSONAL_NUMBER_SQL),
        "subject": subject_rule(),
        "time": quoted(TIME_SQL),
        "pseudonym_length": PSEUDONYM_LENGTH,
        "length": f"(1 + {length} + strlen(data) + {len('data') + 4})",
    }


def _filled(name: str, values: Mapping[str, str]) -> str:
    """A named file with its `{{places}}` filled with whole texts of our own."""
    text = sql(name)
    for place, value in values.items():
        text = text.replace("{{" + place + "}}", value)
    return text


def types_statement() -> str:
    """Make and fill `known_type`: one row per type of the registry."""
    rows = ", ".join(
        f"({number}, {quoted_json(event_type.wire)}, {quoted(event_type.subject)})"
        for number, event_type in enumerate(EVENT_TYPES.values())
    )
    return f"CREATE OR REPLACE TEMP TABLE known_type AS SELECT * FROM (VALUES {rows}) AS t (type_number, wire, subject_kind)"  # noqa: S608 - of our own registry


def subject_rule() -> str:
    """The subject patterns of `models.records`, with lengths as numbers: a bounded repetition makes an automaton with a state per count."""
    person = (
        r"""CASE WHEN starts_with(subject, 'p:')
            THEN regexp_full_match(subject, 'p:(?:[a-z0-9]{1,8}\.)?[0-9a-f]+') AND """
        + f"{PSEUDONYM_LENGTH} BETWEEN 8 AND 64"
        r""" ELSE regexp_full_match(subject, '[ch]:[A-Za-z0-9._:-]+') AND strlen(subject) <= 66 END"""
    )
    unit = "regexp_full_match(subject, '[A-Za-z0-9._:-]+') AND strlen(subject) <= 64"
    return f"CASE subject_kind WHEN 'person' THEN {person} WHEN 'unit' THEN {unit} ELSE false END"


def events_statement(type_number: int, zone: Zone, *, checked: bool) -> str:
    """Select the event columns (less place) of the rows of one type in `envelope`."""
    return _with_keys(_one_type(list(EVENT_TYPES.values())[type_number], checked=checked), zone)


def _with_keys(one_type: str, zone: Zone) -> str:
    offsets = {"least_offset": str(zone.least_offset_s), "greatest_offset": str(zone.greatest_offset_s)}
    return _filled("intake_events", offsets | {"one_type": one_type})


@cache
def _one_type(event_type: EventType, *, checked: bool) -> str:
    rules = field_rules(event_type)
    shape = "{" + ",".join(f'"{name}":"JSON"' for name in rules) + "}"
    rule = _payload_rule(event_type, rules) if checked else "true"
    parsed = f"SELECT *, from_json(data, {quoted(shape)}) AS d FROM envelope"  # noqa: S608
    return f"SELECT {_selected(event_type, rules, _canonical_object(rules['attributes']))}\nFROM ({parsed})\nWHERE {rule}"


CUT_OUT_TIMES = ("ce_time", "ce_recordedtime")
"""Columns that `cut_out_statement` takes as instants."""


@dataclass(frozen=True)
class CutOut:
    """A type with the times and texts that its records have: ce_* of the envelope, data fields by name, piece_* of attributes."""

    type: str
    times: tuple[str, ...]
    columns: tuple[str, ...]


def cut_out_statement(cut_out: CutOut, table: str, zone: Zone) -> str:
    """Select the event columns (less place) of the rows of `table`: position, times and texts."""
    event_type = EVENT_TYPES[cut_out.type]
    rules = {name: replace(rule, cut_out=True, absent=name not in cut_out.columns) for name, rule in field_rules(event_type).items()}
    pieces = [column for column in cut_out.columns if column.startswith("piece_")]
    one_type = _filled(
        "intake_cut_out",
        {
            "selected": _selected(event_type, rules, _attributes_cut_out(rules["attributes"], pieces)),
            "subject_kind": quoted(event_type.subject),
            "recorded_at": cut_out.times[-1],
            "cut_out": table,
            "subject": subject_rule(),
            "payload": "\n  AND ".join(_field_conditions(event_type, rules)),
        },
    )
    return _with_keys(one_type, zone)


def _payload_rule(event_type: EventType, rules: dict[str, FieldRule]) -> str:
    """Every field's rule, and nothing else in the object: its length is the sum of what was found (so no key is unknown or there twice)."""
    length = " + ".join(f"coalesce(strlen(d.{quoted_name(name)}) + {len(name) + 4}, 0)" for name in rules)
    return "\n  AND ".join([*_field_conditions(event_type, rules), f"strlen(data) = greatest(2, 1 + {length})"])


def _field_conditions(event_type: EventType, rules: dict[str, FieldRule]) -> list[str]:
    conditions = [rule.predicate() for rule in rules.values()]
    if isinstance(event_type.value, Ratio) and event_type.value.part_of_whole:
        conditions.append(f"{rules[event_type.value.over].number} <= {rules[event_type.value.under].number}")
    return conditions


def _selected(event_type: EventType, rules: dict[str, FieldRule], attributes: str) -> str:
    columns = {
        "unit": "coalesce(" + rules["unit"].text + ", subject)" if event_type.subject == "unit" else rules["unit"].text,
        "episode": rules[event_type.episode].text if event_type.episode else "NULL::VARCHAR",
        "code": _code(event_type.code, rules),
        "value": _value(event_type.value, rules),
        "amount_ore": f"TRY_CAST({rules[event_type.amount].json}::VARCHAR AS BIGINT)" if event_type.amount else "NULL::BIGINT",
        "fields": _fields(event_type, rules),
        "attributes": attributes,
        "effort": _canonical_object(rules["effort"]),
    }
    own = ", ".join(f"{text} AS {name}" for name, text in columns.items())
    return f"position, source, id, {quoted(event_type.name)} AS type, subject, occurred_at, recorded_at, {own}"


def _code(code: str | Joined | None, rules: dict[str, FieldRule]) -> str:
    match code:
        case None:
            return "NULL::VARCHAR"
        case Joined():
            return " || ".join(_part(*part, rules) for part in code.parts())
        case _:
            return rules[code].text


def _part(before: str, field: str | None, rules: dict[str, FieldRule]) -> str:
    """A fixed text and a field after it; an absent field takes the text with it."""
    return f"coalesce({quoted(before)} || {rules[field].text}, '')" if field else quoted(before)


def _value(value: str | Ratio | None, rules: dict[str, FieldRule]) -> str:
    match value:
        case None:
            return "NULL::DOUBLE"
        case Ratio():
            return f"{rules[value.over].number} / nullif({rules[value.under].number}, 0)"
        case _:
            return rules[value].number


def _fields(event_type: EventType, rules: dict[str, FieldRule]) -> str:
    pieces = ", ".join(quoted(f'"{name}":') + " || " + rules[name].canonical for name in event_type.in_fields)
    return f"nullif('{{' || concat_ws(',', {pieces}) || '}}', '{{}}')" if pieces else "NULL::VARCHAR"


def _whole(value: str) -> str:
    """JSON text of a scalar, a whole number without its `.0`, and zero without a sign."""
    return f"CASE WHEN {value} = '-0.0' THEN '0' WHEN ends_with({value}, '.0') THEN left({value}, strlen({value}) - 2) ELSE {value} END"


def _attributes_cut_out(rule: FieldRule, pieces: Sequence[str]) -> str:
    """The object as it was written where its names are in order, else its pieces in order."""
    return f"'{{' || concat_ws(',', {', '.join(pieces)}) || '}}'" if pieces else rule.column


def _canonical_object(rule: FieldRule) -> str:
    """An object of scalars as JSON text with sorted keys, whole numbers without decimals. Rows without one cost nothing (CASE)."""
    if rule.absent:
        return rule.column
    pair = "to_json(e.key)::VARCHAR || ':' || " + _whole("coalesce(e.value, 'null')")
    entries = f"list_sort(map_entries(from_json({rule.column}, '\"MAP(VARCHAR,JSON)\"')))"
    return f"CASE WHEN {rule.column} IS NOT NULL THEN '{{' || array_to_string(list_transform({entries}, lambda e: {pair}), ',') || '}}' END"
