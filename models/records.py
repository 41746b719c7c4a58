"""The contract on the wire in words of pydantic: one record's bytes become an event, or a quarantined record with every fault found.

This is the last word on every record. The fast path in `pipelines/intake.py` accepts only what is accepted here, and hands over all else.
No fault ever holds a value, a sender's key or a sender's tag: field names are those of our own schema, and faults are names of rules.
"""

import datetime as dt
import json
import math
import re
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import ErrorDetails

from models import personal_number
from models.fields import BIGINT_MAX, BIGINT_MIN, Name, Text
from models.registry import EVENT_TYPES, EventType, SubjectKind, event_type_of_wire

QuarantineClass = Literal["malformed", "envelope", "unknown_type", "payload", "personal_number"]

MAX_BYTES = 1 << 20
MAX_DEPTH = 32
MAX_NUMBER_CHARACTERS = 400
"""Longer numbers are not read at all: reading takes time that grows with the square of their length."""
BYTE_ORDER_MARK = b"\xef\xbb\xbf"

PERSON_SUBJECT = r"(?:p:(?:[a-z0-9]{1,8}\.)?[0-9a-f]{8,64}|[ch]:[A-Za-z0-9._:-]{1,64})"
UNIT_SUBJECT = r"[A-Za-z0-9._:-]{1,64}"
SUBJECT_PATTERNS: dict[SubjectKind, str] = {"person": PERSON_SUBJECT, "unit": UNIT_SUBJECT, "any": rf"(?:{PERSON_SUBJECT}|{UNIT_SUBJECT})"}
_SUBJECTS = {kind: re.compile(pattern, re.ASCII) for kind, pattern in SUBJECT_PATTERNS.items()}

_TIME = re.compile(
    r"((?:1[89]|[2-9][0-9])[0-9]{2}-[0-9]{2}-[0-9]{2})[Tt]([0-9]{2}:[0-9]{2}:[0-9]{2})(\.[0-9]{1,9})?([Zz]|[+-][0-9]{2}:[0-9]{2})", re.ASCII
)
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
ENVELOPE_FIELDS = ("specversion", "id", "source", "type", "subject", "time", "recordedtime", "datacontenttype", "dataschema", "data")
REPLACEMENT_FIELDS = ("time", "data", "subject")
_ALL_DATA_FIELDS = frozenset(name for event_type in EVENT_TYPES.values() for name in event_type.payload.model_fields)
UNPRINTABLE_NAME = "(not a plain name)"
_PLAIN_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,63}", re.ASCII)


class Envelope(BaseModel):
    """The attributes of a CloudEvent that count, but for the rules that depend on the type."""

    model_config = ConfigDict(extra="ignore", strict=True, frozen=True, hide_input_in_errors=True)

    specversion: Literal["1.0"]
    id: Name
    source: Name
    type: Text
    subject: Text
    time: Text
    recordedtime: Text | None = None
    data: dict[str, Any]


@dataclass(frozen=True)
class Fault:
    """One fault: the field of our own schema (None: the record as a whole) and the name of the rule that it breaks."""

    field: str | None
    fault: str


@dataclass(frozen=True)
class Record:
    """A record as a feed delivers it; `value` is None for a record without content."""

    feed: str
    part: int
    offset: int
    value: bytes | None


@dataclass(frozen=True)
class Quarantined:
    """A record that is not accepted: the class of reason, every fault found, and the bytes that may be kept.

    `source`, `id` and `subject` are there where they are well-formed and nothing personal is in the record.
    """

    reason: QuarantineClass
    faults: tuple[Fault, ...]
    raw: bytes
    source: str | None = None
    id: str | None = None
    subject: str | None = None

    @property
    def faults_json(self) -> str:
        """The faults as the store keeps them."""
        return json.dumps([{"field": fault.field, "fault": fault.fault} for fault in self.faults], separators=(",", ":"))


@dataclass(frozen=True)
class ParsedEvent:
    """An accepted event: its times in UTC, its data as sent but for the fields that are not kept, and the names of those."""

    event_type: EventType
    source: str
    id: str
    subject: str
    time: dt.datetime
    recorded_time: dt.datetime
    data: dict[str, Any]
    dropped: tuple[str, ...]

    def normal_json(self) -> str:
        """The event again as minimal JSON: no white space, times in UTC, only what is kept. Reading it gives an equal event."""
        event = {
            "specversion": "1.0",
            "id": self.id,
            "source": self.source,
            "type": self.event_type.wire,
            "subject": self.subject,
            "time": _utc_text(self.time),
            "recordedtime": _utc_text(self.recorded_time),
            "data": self.data,
        }
        return json.dumps(event, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


class MalformedError(ValueError):
    """The bytes are not a JSON document that is read here; the message is the name of the rule."""


class OutOfRange:
    """Stands for a number that cannot be held (beyond BIGINT or infinite), so that no field accepts it."""


class _NotANumber(ValueError):
    pass


def parse_record(value: bytes | None) -> ParsedEvent | Quarantined:
    """Read one record. Never raises on a record's content, and has no effect beyond its answer."""
    if value is None:
        return Quarantined("malformed", (Fault(None, "null_value"),), b"")
    try:
        document = read_json(value)
    except MalformedError as error:
        return _malformed(value, str(error))
    if not personal_number.impossible_in(value) and personal_number.in_document(document):
        return Quarantined("personal_number", (Fault(None, "personal_number"),), personal_number.redact_document(document))
    return _parse_document(document, value)


def read_json(value: bytes) -> dict[str, Any]:
    """The JSON object that the bytes hold.

    raises  MalformedError on bad UTF-8, bad JSON, NaN, a key twice, depth above 32, more than 1 MiB, or characters that no store can hold
    """
    if len(value) > MAX_BYTES:
        raise MalformedError("too_large")
    try:
        text = value.removeprefix(BYTE_ORDER_MARK).decode("utf-8")
    except UnicodeDecodeError:
        raise MalformedError("not_utf8") from None
    try:
        document = _DECODER.decode(text)
    except MalformedError:
        raise
    except RecursionError:
        raise MalformedError("too_deep") from None
    except ValueError:
        raise MalformedError("not_json") from None
    if not isinstance(document, dict):
        raise MalformedError("not_an_object")
    if _too_deep(document):
        raise MalformedError("too_deep")
    if "\\u" in text and any(isinstance(leaf, str) and _UNSTORABLE.search(leaf) for _, leaf in personal_number.leaves(document)):
        raise MalformedError("unstorable_character")
    return document


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise MalformedError("duplicate_key")
    return found


def _integer(text: str) -> int | OutOfRange:
    number = int(text) if len(text) <= len(str(BIGINT_MIN)) else None
    return number if number is not None and BIGINT_MIN <= number <= BIGINT_MAX else OutOfRange()


def _real(text: str) -> float | OutOfRange:
    number = float(text) if len(text) <= MAX_NUMBER_CHARACTERS else math.inf
    return number if math.isfinite(number) else OutOfRange()


def _constant(_: str) -> None:
    raise MalformedError("not_a_number")


_DECODER = json.JSONDecoder(object_pairs_hook=_object, parse_int=_integer, parse_float=_real, parse_constant=_constant)


def _too_deep(document: Any) -> bool:
    level = [document]
    for _ in range(MAX_DEPTH):
        level = [child for item in level for child in (item.values() if isinstance(item, dict) else item) if isinstance(child, dict | list)]
        if not level:
            return False
    return True


def _malformed(value: bytes, fault: str) -> Quarantined:
    redacted = personal_number.redact_bytes(value)
    if redacted is None:
        return Quarantined("malformed", (Fault(None, fault),), value)
    return Quarantined("personal_number", (Fault(None, fault), Fault(None, "personal_number")), redacted)


def _parse_document(document: dict[str, Any], raw: bytes) -> ParsedEvent | Quarantined:
    known = {name: document[name] for name in ENVELOPE_FIELDS if document.get(name) is not None}
    event_type = event_type_of_wire(known["type"]) if isinstance(known.get("type"), str) else None
    envelope_faults, times = _check_envelope(known, event_type)
    type_faults = [] if event_type or not isinstance(known.get("type"), str) else [Fault("type", "unknown_type")]
    data = known.get("data")
    payload_faults = _check_payload(event_type, data) if event_type and isinstance(data, dict) else []
    faults = type_faults + envelope_faults + payload_faults
    if faults or event_type is None:
        reason: QuarantineClass = "unknown_type" if type_faults else "envelope" if envelope_faults else "payload"
        return Quarantined(reason, tuple(dict.fromkeys(faults)), raw, *_identity(known))
    return ParsedEvent(
        event_type, known["source"], known["id"], known["subject"], times["time"], times.get("recordedtime", times["time"]),
        _kept(event_type, known["data"]), _dropped(event_type, document),
    )  # fmt: skip


def _check_envelope(known: dict[str, Any], event_type: EventType | None) -> tuple[list[Fault], dict[str, dt.datetime]]:
    faults, times = _model_faults(Envelope, known, ""), {}
    for name in ("time", "recordedtime"):
        if isinstance(known.get(name), str):
            try:
                times[name] = parse_time(known[name])
            except ValueError:
                faults.append(Fault(name, "rfc3339_time_expected"))
    subject = known.get("subject")
    if isinstance(subject, str) and not _SUBJECTS[event_type.subject if event_type else "any"].fullmatch(subject):
        faults.append(Fault("subject", "subject_pattern"))
    return faults, times


def _check_payload(event_type: EventType, data: dict[str, Any]) -> list[Fault]:
    faults = _model_faults(event_type.payload, data, "data.")
    replacement = data.get("replacement")
    if "replacement" in event_type.payload.model_fields and isinstance(replacement, dict):
        faults += _check_replacement(replacement)
    return faults


def _check_replacement(replacement: dict[str, Any]) -> list[Fault]:
    """What can be said of a replacement before its target is known."""
    faults = []
    time, data, subject = (replacement.get(name) for name in REPLACEMENT_FIELDS)
    if time is not None and not _is_time(time):
        faults.append(Fault("data.replacement.time", "rfc3339_time_expected"))
    if not isinstance(data, dict):
        faults.append(Fault("data.replacement.data", "missing" if data is None else "dict_type"))
    if subject is not None and not (isinstance(subject, str) and _SUBJECTS["any"].fullmatch(subject)):
        faults.append(Fault("data.replacement.subject", "subject_pattern"))
    if _holds_out_of_range(replacement):
        faults.append(Fault("data.replacement", "number_out_of_range"))
    return faults


def _holds_out_of_range(value: Any) -> bool:
    if isinstance(value, dict | list):
        return any(_holds_out_of_range(item) for item in (value.values() if isinstance(value, dict) else value))
    return isinstance(value, OutOfRange)


def _is_time(value: Any) -> bool:
    try:
        return isinstance(value, str) and parse_time(value) is not None
    except ValueError:
        return False


def parse_time(text: str) -> dt.datetime:
    """An RFC 3339 time with offset as an instant in UTC, finer than a microsecond cut off; ValueError when it is not one.

    Years 1800 to 9998: what lies outside is a default of some source system, never a time at which something happened.
    """
    match = _TIME.fullmatch(text)
    if match is None or match[1].startswith("9999"):
        raise ValueError("expected an RFC 3339 time with offset, such as 2026-01-31T12:00:00+01:00")
    date, time, fraction, offset = match.groups()
    shift = "+00:00" if offset in "Zz" else offset
    return dt.datetime.fromisoformat(f"{date}T{time}{(fraction or '.0')[:7].ljust(7, '0')}{shift}").astimezone(dt.UTC)


def _model_faults(model: type[BaseModel], values: dict[str, Any], prefix: str) -> list[Fault]:
    try:
        model.model_validate(values)
    except ValidationError as error:
        return list(dict.fromkeys(_fault(model, detail, prefix) for detail in error.errors(include_url=False, include_context=False)))
    return []


def _fault(model: type[BaseModel], detail: ErrorDetails, prefix: str) -> Fault:
    """A pydantic error without anything that the sender wrote: of its location only the field, of a union's errors one."""
    name, *inside = detail["loc"] or (None,)
    field = f"{prefix}{name}" if name in model.model_fields else prefix.rstrip(".") or None
    if isinstance(detail["input"], OutOfRange):
        return Fault(field, "number_out_of_range")
    if field == "data.attributes" and inside and inside[-1] != "[key]":
        return Fault(field, "scalar_expected")
    return Fault(field, detail["type"])


def _identity(known: dict[str, Any]) -> tuple[str | None, str | None, str | None]:
    source, identifier, subject = (known.get(name) for name in ("source", "id", "subject"))
    longest = 200
    return (
        source if isinstance(source, str) and len(source) <= longest else None,
        identifier if isinstance(identifier, str) and len(identifier) <= longest else None,
        subject if isinstance(subject, str) and _SUBJECTS["any"].fullmatch(subject) else None,
    )


def _kept(event_type: EventType, data: dict[str, Any]) -> dict[str, Any]:
    kept = {name: data[name] for name in event_type.payload.model_fields if data.get(name) is not None}
    if "replacement" in kept:
        kept["replacement"] = _kept_replacement(kept["replacement"])
    return kept


def _kept_replacement(replacement: dict[str, Any]) -> dict[str, Any]:
    """A replacement in canonical form: sorted keys, and only names that some payload has, since its target is unknown yet."""
    kept = {name: replacement[name] for name in REPLACEMENT_FIELDS if replacement.get(name) is not None}
    kept["data"] = {name: value for name, value in kept["data"].items() if name in _ALL_DATA_FIELDS}
    return _canonical(kept)  # type: ignore[no-any-return]


def _canonical(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _canonical(value[key]) for key in sorted(value)}
    if isinstance(value, list):
        return [_canonical(item) for item in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _dropped(event_type: EventType, document: dict[str, Any]) -> tuple[str, ...]:
    """Names of what is not kept, `data.` before those of data. A name that is no plain word is not repeated: it may be a person's data."""
    envelope = [_plain_name(name) for name in document if name not in ENVELOPE_FIELDS]
    data = [f"data.{_plain_name(name)}" for name in document["data"] if name not in event_type.payload.model_fields]
    inside = document["data"].get("replacement") if "replacement" in event_type.payload.model_fields else None
    replaced = [f"data.replacement.data.{_plain_name(name)}" for name in (inside or {}).get("data", ()) if name not in _ALL_DATA_FIELDS]
    return (*envelope, *data, *replaced)


def _plain_name(name: str) -> str:
    return name if _PLAIN_NAME.fullmatch(name) else UNPRINTABLE_NAME


def _utc_text(time: dt.datetime) -> str:
    return time.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
