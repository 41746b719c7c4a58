"""Events broken in every way that the wire contract names, each with the classes that may be given as the reason."""

import json
import random
from collections.abc import Callable
from typing import Any

Event = dict[str, Any]
Broken = tuple[bytes, frozenset[str]]

CIVIL_NUMBER = "0107561234"  # invented: a date and four digits


def good_event(rng: random.Random, number: int) -> Event:
    """One valid event; every kind of payload that the breakers below need."""
    subject = f"p:{rng.getrandbits(96):024x}"
    minute = number % 1440
    return {
        "specversion": "1.0",
        "id": f"good-{number}",
        "source": "urn:test:jobcentre",
        "type": "dk.kerneopgave.employment.conversation_held.v1",
        "subject": subject,
        "time": f"2024-03-{1 + number % 28:02d}T{minute // 60:02d}:{minute % 60:02d}:00+01:00",
        "data": {"unit": f"jobcentre-{number % 7}", "minutes": 30 + number % 30, "channel": "fremmøde på kontoret"},
    }


def _text(event: Event) -> bytes:
    return json.dumps(event, ensure_ascii=False).encode()


def _without(key: str) -> Callable[[Event], bytes]:
    def breaker(event: Event) -> bytes:
        del event[key]
        return _text(event)

    return breaker


def _with(**changes: Any) -> Callable[[Event], bytes]:
    return lambda event: _text(event | changes)


def _data(**changes: Any) -> Callable[[Event], bytes]:
    return lambda event: _text(event | {"data": event["data"] | changes})


def _raw(marker: str, replacement: str) -> Callable[[Event], bytes]:
    """Put raw text where the number of minutes stands, for what json.dumps would not write."""
    return lambda event: _text(event | {"data": event["data"] | {"minutes": marker}}).replace(f'"{marker}"'.encode(), replacement.encode())


def _cut(event: Event) -> bytes:
    text = _text(event)
    return text[: text.index(b'"data"') + 8]


def _bad_utf8(event: Event) -> bytes:
    return _text(event).replace("ø".encode(), b"\xff\xfe")


def _duplicate_key(event: Event) -> bytes:
    return _text(event).replace(b'{"specversion"', b'{"id": "other", "specversion"')


def _duplicate_data_key(event: Event) -> bytes:
    return _text(event).replace(b'"data": {', b'"data": {"minutes": 1, ')


def _full_width(event: Event) -> bytes:
    digits = "".join(chr(ord(digit) - ord("0") + 0xFF10) for digit in CIVIL_NUMBER)
    return _text(event | {"data": event["data"] | {"channel": f"ring til {digits}"}})


def _escaped(event: Event) -> bytes:
    text = _text(event | {"data": event["data"] | {"channel": "nummer MARK"}})
    return text.replace(b"MARK", "".join(f"\\u{ord(digit):04x}" for digit in CIVIL_NUMBER).encode())


MALFORMED, ENVELOPE, TYPE, PAYLOAD, PERSONAL = "malformed", "envelope", "unknown_type", "payload", "personal_number"

BREAKERS: list[tuple[str, set[str], Callable[[Event], bytes]]] = [
    ("cut off", {MALFORMED}, _cut),
    ("bad UTF-8", {MALFORMED}, _bad_utf8),
    ("NaN", {MALFORMED}, _raw("MARK", "NaN")),
    ("Infinity", {MALFORMED}, _raw("MARK", "Infinity")),
    ("overflowing number", {MALFORMED, PAYLOAD}, _raw("MARK", "1e999")),
    ("5,000 digits", {MALFORMED, PAYLOAD}, _raw("MARK", "9" * 5000)),
    ("deep nesting", {MALFORMED}, _raw("MARK", "[" * 2000 + "]" * 2000)),
    ("a key twice", {MALFORMED}, _duplicate_key),
    ("a data key twice", {MALFORMED}, _duplicate_data_key),
    ("an array", {MALFORMED, ENVELOPE}, lambda event: b"[" + _text(event) + b"]"),
    ("a text", {MALFORMED, ENVELOPE}, lambda event: b'"hej"'),
    ("not JSON", {MALFORMED}, lambda event: b"id;source;type"),
    ("no id", {ENVELOPE}, _without("id")),
    ("no source", {ENVELOPE}, _without("source")),
    ("no subject", {ENVELOPE}, _without("subject")),
    ("no time", {ENVELOPE}, _without("time")),
    ("no type", {ENVELOPE, TYPE}, _without("type")),
    ("no specversion", {ENVELOPE}, _without("specversion")),
    ("no data", {ENVELOPE, PAYLOAD}, _without("data")),
    ("old specversion", {ENVELOPE}, _with(specversion="0.3")),
    ("id too long", {ENVELOPE}, _with(id="x" * 201)),
    ("id empty", {ENVELOPE}, _with(id="")),
    ("id a number", {ENVELOPE}, _with(id=7)),
    ("time without offset", {ENVELOPE}, _with(time="2024-03-01T10:00:00")),
    ("time not a time", {ENVELOPE}, _with(time="i går")),
    ("impossible date", {ENVELOPE}, _with(time="2024-02-30T10:00:00Z")),
    ("subject not a pseudonym", {ENVELOPE}, _with(subject="Kirsten Jensen")),
    ("unknown type", {TYPE}, _with(type="dk.kerneopgave.employment.coffee_served.v1")),
    ("later version", {TYPE}, _with(type="dk.kerneopgave.employment.conversation_held.v2")),
    ("data a text", {PAYLOAD, ENVELOPE}, _with(data="minutes=30")),
    ("number as text", {PAYLOAD}, _data(minutes="30")),
    ("number as boolean", {PAYLOAD}, _data(minutes=True)),
    ("negative minutes", {PAYLOAD}, _data(minutes=-1)),
    ("no minutes", {PAYLOAD}, _data(minutes=None)),
    ("unit with a blank", {PAYLOAD}, _data(unit="job centre")),
    ("unit missing", {PAYLOAD}, _data(unit=None)),
    ("nested attributes", {PAYLOAD}, _data(attributes={"age": {"years": 40}})),
    ("too many attributes", {PAYLOAD}, _data(attributes={f"a{i}": i for i in range(33)})),
    ("negative effort", {PAYLOAD}, _data(effort={"jobcentre-2": -5})),
    ("civil number in a text", {PERSONAL}, _data(channel=f"ring til {CIVIL_NUMBER[:6]}-{CIVIL_NUMBER[6:]} i dag")),
    ("civil number without dash", {PERSONAL}, _data(channel=CIVIL_NUMBER)),
    ("civil number as a key", {PERSONAL}, _data(attributes={"070756-1234": True})),
    ("civil number as a number", {PERSONAL}, _data(attributes={"no": 2107561234})),
    ("civil number in an unknown field", {PERSONAL}, _data(extra={"cpr": [CIVIL_NUMBER]})),
    ("civil number as subject", {PERSONAL}, _with(subject=f"p:{CIVIL_NUMBER}")),
    ("civil number, full width", {PERSONAL}, _full_width),
    ("civil number, escaped", {PERSONAL}, _escaped),
]


def workload(n: int, every: int, seed: int) -> tuple[list[bytes], dict[int, frozenset[str]]]:
    """Lines of `n` events, each `every`-th of them broken in turn; position of each broken one -> classes that may be given."""
    rng = random.Random(seed)
    lines, expected = [], {}
    for number in range(n):
        event = good_event(rng, number)
        if number % every == every - 1:
            name, classes, breaker = BREAKERS[(number // every) % len(BREAKERS)]
            event["id"] = f"bad-{number}" if name != "id too long" else event["id"]
            lines.append(breaker(event))
            expected[number] = frozenset(classes)
        else:
            lines.append(_text(event))
    return lines, expected
