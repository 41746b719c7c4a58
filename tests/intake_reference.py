"""A second opinion on the intake: an accepted event's row in plain Python, slow and obvious; and a generator of events and damage."""

import copy
import datetime as dt
import json
import random
from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

from models.records import ParsedEvent
from models.registry import EVENT_TYPES, EventType, Joined, Ratio, event_type_of_wire
from pipelines.intake_sql import FieldRule, field_rules

ZONE = ZoneInfo("Europe/Copenhagen")


def expected_row(event: ParsedEvent) -> dict[str, Any]:
    """The event's row but for keys, hash and place."""
    data = _defaults(event.event_type) | event.data
    return {
        "source": event.source,
        "id": event.id,
        "type": event.event_type.name,
        "subject": event.subject,
        "occurred_at": event.time.replace(tzinfo=None),
        "occurred_on": event.time.astimezone(ZONE).date(),
        "recorded_at": event.recorded_time.replace(tzinfo=None),
        "unit": data.get("unit", event.subject if event.event_type.subject == "unit" else None),
        "episode": data.get(event.event_type.episode) if event.event_type.episode else None,
        "code": _code(event.event_type.code, data),
        "value": _value(event.event_type.value, data),
        "amount_ore": data.get(event.event_type.amount) if event.event_type.amount else None,
        "fields": {name: data[name] for name in event.event_type.in_fields if name in data} or None,
        "attributes": data.get("attributes"),
        "effort": data.get("effort"),
    }


def actual_row(row: dict[str, Any]) -> dict[str, Any]:
    """A row of the intake in the same shape."""
    objects = {name: None if row[name] is None else json.loads(row[name]) for name in ("fields", "attributes", "effort")}
    for value in objects.values():
        assert value is None or list(value) == sorted(value), "keys must be sorted"
    return {name: row[name] for name in row if name not in ("position", "event_key", "content_hash", "subject_key", *_PLACE)} | objects


_PLACE = ("feed", "part", "offset")


def _defaults(event_type: EventType) -> dict[str, Any]:
    return {name: info.default for name, info in event_type.payload.model_fields.items() if isinstance(info.default, str)}


def _code(code: str | Joined | None, data: dict[str, Any]) -> str | None:
    if isinstance(code, Joined):
        return "".join(f"{before}{data[field]}" if field in data else "" if field else before for before, field in code.parts())
    return data.get(code) if code else None


def _value(value: str | Ratio | None, data: dict[str, Any]) -> float | None:
    if isinstance(value, Ratio):
        return data[value.over] / data[value.under] if data[value.under] else None
    return None if value is None or value not in data else float(data[value])


def random_event(rng: random.Random, number: int) -> dict[str, Any]:
    """A valid event of any type."""
    event_type = rng.choice(list(EVENT_TYPES.values()))
    event: dict[str, Any] = {
        "specversion": "1.0",
        "id": rng.choice([f"{number}", f"e-{number}", f"æ/{number} x", f"{rng.getrandbits(64):016x}-{number}"]),
        "source": rng.choice(["urn:a", "urn:lejre:jobcenter", "https://kilde.example/løn"]),
        "type": event_type.wire,
        "subject": _subject(rng, event_type),
        "time": _time(rng),
        "data": {},
    }
    if rng.random() < 0.5:
        event["recordedtime"] = _time(rng)
    if rng.random() < 0.2:
        event["datacontenttype"] = "application/json"
    for rule in field_rules(event_type).values():
        if rule.required or rng.random() < 0.6:
            event["data"][rule.name] = _value_of(rng, rule)
    if {"numerator", "denominator"} <= set(event["data"]):
        event["data"]["numerator"] = rng.randint(0, event["data"]["denominator"])
    return _shuffled(rng, event)


N_PATTERNS = 60


def event_like_others(rng: random.Random, number: int) -> dict[str, Any]:
    """A valid event with the names of one of a few patterns in their order, as a program writes its events; only the values differ."""
    pattern = random_event(random.Random(f"pattern {rng.randrange(N_PATTERNS)}"), number)
    rules = field_rules(next(each for each in EVENT_TYPES.values() if each.wire == pattern["type"]))
    other = random_event(rng, number)
    event = {name: other.get(name, _time(rng) if name == "recordedtime" else value) for name, value in pattern.items()}
    event |= {"type": pattern["type"], "subject": _subject(rng, event_type_of_wire(pattern["type"]) or next(iter(EVENT_TYPES.values())))}
    event["data"] = {name: _like(rng, value, rules[name]) for name, value in pattern["data"].items()}
    if {"numerator", "denominator"} <= set(event["data"]):
        event["data"]["numerator"] = rng.randint(0, event["data"]["denominator"])
    return event


def _like(rng: random.Random, value: Any, rule: FieldRule) -> Any:
    """Another value of a field; of attributes other values of the same names."""
    if rule.kind != "attributes":
        return _value_of(rng, rule)
    texts, others = ["vocational", "ufaglært", "", "x, y: {z}", "0107-56", "true"], [None, True, False, 0, -7, 18, 2.5, 0.05, 1234.5]
    return {name: rng.choice(texts if isinstance(item, str) else others) for name, item in value.items()}


def _shuffled(rng: random.Random, event: dict[str, Any]) -> dict[str, Any]:
    names = list(event)
    if rng.random() < 0.5:
        rng.shuffle(names)
    return {name: event[name] for name in names}


def _subject(rng: random.Random, event_type: EventType) -> str:
    kind = "person" if event_type.subject == "any" else event_type.subject
    person = [
        f"p:{rng.getrandbits(96):024x}",
        f"p:k1.{rng.getrandbits(128):032x}",
        f"c:{rng.randrange(10**8):08d}",
        f"h:hus-{rng.randrange(99)}",
    ]
    return rng.choice(person) if kind == "person" else f"unit.{rng.randrange(99)}"


def _time(rng: random.Random) -> str:
    time = dt.datetime(1990, 1, 1) + dt.timedelta(seconds=rng.randrange(50 * 365 * 86400))  # noqa: DTZ001
    if rng.random() < 0.3:  # near the end of a day, and in the nights when clocks change
        time = time.replace(hour=rng.choice([0, 1, 2, 21, 22, 23]), month=rng.choice([3, 10]), day=rng.randint(24, 31))
    fraction = rng.choice(["", "", ".5", ".250", ".123456", ".999999"])
    return time.isoformat() + fraction + rng.choice(["Z", "+00:00", "+01:00", "+02:00", "-05:30", "+14:00"])


def _value_of(rng: random.Random, rule: FieldRule) -> Any:
    match rule.kind:
        case "text":
            return _text_of(rng, rule)
        case "number":
            top = rule.highest if rule.highest is not None else 500
            number = rng.choice([0, 1, 37, round(rng.uniform(0, top), rng.randint(0, 5)), float(rng.randint(0, int(top)))])
            return number if rule.lowest == 0 else number * rng.choice([1, -1])
        case "integer":
            return rng.randint(0, 10**6) if rule.lowest == 0 else rng.randint(-(10**7), 10**8)
        case "attributes":
            values = [None, True, False, rng.randint(-5, 99), round(rng.uniform(-9, 9), 3), 40.0, 1e-7, 1e20, "vocational", "ufaglært", ""]
            return {rng.choice("abcdefghæ") + rng.choice(["", "_x", " y", ".z"]): rng.choice(values) for _ in range(rng.randint(0, 5))}
        case "effort":
            return {f"unit-{rng.randrange(50)}": rng.choice([0, 15, 30.5, 60.0]) for _ in range(rng.randint(0, 3))}
        case _:
            return {"data": {"unit": "u1", "minutes": 20.0}} | ({"time": _time(rng)} if rng.random() < 0.5 else {})


def _text_of(rng: random.Random, rule: FieldRule) -> str:
    if rule.choices:
        return rng.choice(rule.choices)
    match rule.name:
        case "period":
            return "2024-02"
        case "concerns":
            return rng.choice(["2024", "2024-02", "2024-02-29"])
        case "deadline":
            return rng.choice(["2024-02-29", "2025-12-31"])
        case "currency":
            return rng.choice(["DKK", "NOK", "EUR"])
        case _ if rule.pattern is not None:
            return rng.choice(["jobcentre-1", "U.2", "a:b_c"])
        case _:
            return rng.choice(["kontanthjælp", "x", "work", "8500", "Løn, faste stillinger", "a b-c", "y" * (rule.longest or 100)])


INTERESTING: tuple[Any, ...] = (
    None, True, False, 0, -1, 1, 80, 80.5, 81, 1.5, 1e400, float("nan"), 2**63, -(2**63), 10**30, 123456789, 311299123, "", "x",
    "30", "x" * 65,
    "x" * 201,    "a\nb", 'a"b', "\\", "é", "\u00ad", "０１０１７０１２３４", "010170-1234", "0101701234", "2024-02-30", "2024-13", "1.0",
    "p:0101701234", "unit 1",
    "\ud800", "\x00", [], [1], {}, {"a": 1}, {"a": {"b": 1}}, {"010170-1234": 1}, {f"k{i}": i for i in range(33)}, {"k" * 65: 1},
    "2024-02-03T10:00:00",    "2024-02-03T24:00:00Z", "2024-02-03t10:00:00z", "1800-01-01T00:00:00+14:00",
    "0001-01-01T00:00:00Z", "9999-01-01T00:00:00Z",
    "2024-02-03T10:00:00.1234567Z", "2016-12-31T23:59:60Z", "2024-02-03T10:00:00+24:00",
)  # fmt: skip


def _interesting(rng: random.Random) -> Any:
    return copy.deepcopy(rng.choice(INTERESTING))


def random_record(rng: random.Random, number: int) -> bytes:
    """A record: a valid event in some writing, or one with some damage."""
    alike = rng.random() < 0.6
    event = event_like_others(rng, number) if alike else random_event(rng, number)
    for _ in range(rng.choice([0, 0, 0, 1, 1, 2])):
        rng.choice(DAMAGES)(rng, event)
    text = json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass") if alike else _written(rng, event)
    return rng.choice(BYTE_DAMAGES)(rng, text) if rng.random() < 0.25 else text


def _written(rng: random.Random, event: dict[str, Any]) -> bytes:
    separators = rng.choice([(",", ":"), (", ", ": "), (" ,\n", " :\t")])
    return json.dumps(event, ensure_ascii=rng.random() < 0.3, separators=separators).encode("utf-8", "surrogatepass")


def _replace_field(rng: random.Random, event: dict[str, Any]) -> None:
    target = rng.choice([event, event["data"]]) if isinstance(event.get("data"), dict) else event
    if target:
        target[rng.choice(list(target))] = _interesting(rng)


def _remove_field(rng: random.Random, event: dict[str, Any]) -> None:
    target = rng.choice([event, event["data"]]) if isinstance(event.get("data"), dict) else event
    if target:
        del target[rng.choice(list(target))]


def _add_field(rng: random.Random, event: dict[str, Any]) -> None:
    target = rng.choice([event, event["data"]]) if isinstance(event.get("data"), dict) else event
    target[rng.choice(["extra", "cpr", "navn", "traceparent", "010170-1234", "", "minutes", "attributes", "effort"])] = rng.choice(
        INTERESTING
    )


def _change_inside(rng: random.Random, event: dict[str, Any]) -> None:
    inner = (
        [value for value in (event.get("data") or {}).values() if isinstance(value, dict)] if isinstance(event.get("data"), dict) else []
    )
    if inner:
        rng.choice(inner)[rng.choice(["a", "b", "", "x" * 64, "x" * 65, "unit-1"])] = _interesting(rng)


def _change_type(rng: random.Random, event: dict[str, Any]) -> None:
    event["type"] = rng.choice([*(each.wire for each in EVENT_TYPES.values()), "dk.kerneopgave.x.y.v1", "dk.kerneopgave.person.died.v2"])


DAMAGES: list[Callable[[random.Random, dict[str, Any]], None]] = [
    _replace_field,
    _replace_field,
    _remove_field,
    _add_field,
    _change_inside,
    _change_type,
]


def _cut(rng: random.Random, text: bytes) -> bytes:
    return text[: rng.randrange(len(text) + 1)]


def _byte(rng: random.Random, text: bytes) -> bytes:
    place = rng.randrange(len(text))
    return text[:place] + bytes([rng.choice([rng.randrange(256), *b'"{}[],:\\ 0eE.-+'])]) + text[place + rng.randint(0, 1) :]


def _double(rng: random.Random, text: bytes) -> bytes:
    start = rng.randrange(len(text))
    piece = text[start : start + rng.randint(1, 40)]
    return text[:start] + piece + text[start:]


def _duplicate_key(rng: random.Random, text: bytes) -> bytes:
    key = rng.choice([b'"id"', b'"unit"', b'"data"', b'"a"', b'""', b'"minutes"'])
    return text.replace(b"{", b"{" + key + b":" + rng.choice([b"1", b'"x"', b"null", b"{}"]) + b",", rng.randint(1, 2))


def _number_form(rng: random.Random, text: bytes) -> bytes:
    return text.replace(
        rng.choice([b":0", b":1", b":37", b".5", b".0"]),
        rng.choice([b":1E2", b":1e-4", b":-0", b":-0.0", b":01", b":1.", b":NaN", b":inf", b":1e999", b".50"]),
        1,
    )


def _digits(rng: random.Random, text: bytes) -> bytes:
    """Digits in a value: a personal number, or almost one."""
    place = rng.choice([index + rng.choice([1, 2]) for index, byte in enumerate(text) if byte in b':"'] or [0])
    number = rng.choice(["0107561234", "010756-1234", "010756 1234", "107561234", "-107561234", "107561234.0", "0139561234", "01075612345",
                         "1075612345", "010756", "2999-01-01", "x0107561234"])  # fmt: skip
    return text[:place] + number.encode() + text[place + rng.choice([0, 0, 1, 2]) :]


def _white_space(rng: random.Random, text: bytes) -> bytes:
    mark = rng.choice([b"{", b"}", b",", b":"])
    return text.replace(mark, mark + rng.choice([b" ", b"\n", b"\t\r", b"\xc2\xa0", b"\x0b", b","]), rng.randint(1, 3))


BYTE_DAMAGES: list[Callable[[random.Random, bytes], bytes]] = [
    _cut, _byte, _byte, _double, _duplicate_key, _number_form, _number_form, _white_space, _digits, _digits,
    lambda _, text: b"\xef\xbb\xbf" + text, lambda _, text: text + b"{}", lambda _, text: b"[" * 40 + text,
]  # fmt: skip
