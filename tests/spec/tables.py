"""Case files: given these events, then these records, because. Tables are text, so a new case needs no Python.

given   subject, date, event, and `field=value` pairs (`episode=` its id, `code=` what the register composes, `recorded=` a date, `at=` an
        hour, `effort.<unit>=` minutes); a subject without `c:` or `h:` is a person
then    subject, index date, outcome, deciding date, and `resolves=`, `value=`, `baseline=`, `unit=`, `known=`, `evidence=` (number of
        events) where they matter; the rest of the line after `#` says why. Every record must be named, no other may come
"""

import datetime as dt
import hashlib
from typing import Any

import yaml

from models.registry import EVENT_TYPES
from outcomes.translation import compile_translation
from tests.reference.compare import differences
from tests.reference.run_sql import Event, translate
from tests.reference.timelines import catalogue_of


def check(indicator: str, given: str, then: str) -> None:
    """Hold the SQL against the table, and the reference against the SQL."""
    catalogue = catalogue_of([{"id": "i", "name": "i", "effect": {"unit": "u"}} | yaml.safe_load(indicator)])
    events = [_event(line, place) for place, line in enumerate(_lines(given))]
    records = translate(compile_translation(catalogue, EVENT_TYPES), events)
    assert sorted(_told(record, events) for record in records) == sorted(_expected(line) for line in _lines(then))
    for line in _lines(then):
        _check_more(line, records)
    assert differences(catalogue, events) == []


def _lines(table: str) -> list[str]:
    return [line for line in (line.split("#")[0].strip() for line in table.splitlines()) if line]


def _pairs(words: list[str]) -> dict[str, str]:
    return dict(word.split("=", 1) for word in words)


def _key(text: str) -> int:
    return int.from_bytes(hashlib.md5(text.encode(), usedforsecurity=False).digest()[:8])


def _number(text: str) -> Any:
    return float(text) if text.replace(".", "", 1).lstrip("-").isdigit() else {"true": True, "false": False}.get(text, text)


def _event(line: str, place: int) -> Event:
    subject, date, name, *words = line.split()
    fields = _pairs(words)
    on = dt.date.fromisoformat(date)
    at = dt.datetime(on.year, on.month, on.day, int(fields.pop("at", "8")))  # noqa: DTZ001 - UTC, as the store keeps it
    recorded = fields.pop("recorded", date)
    event: Event = {
        "event_key": _key(f"event {place}"), "source": "urn:test", "id": f"e{place}", "content_hash": _key(line), "type": name,
        "subject": subject if ":" in subject else f"p:{subject}", "subject_key": _key(subject), "occurred_at": at, "occurred_on": on,
        "recorded_at": dt.datetime.fromisoformat(recorded) + dt.timedelta(hours=at.hour), "unit": fields.pop("unit", "here"),
        "episode": fields.pop("episode", None), "code": fields.pop("code", None), "value": None, "amount_ore": None,
    }  # fmt: skip
    columns = EVENT_TYPES[name].columns
    kept: dict[str, dict[str, Any]] = {"fields": {}, "attributes": {}, "effort": {}}
    for field, text in fields.items():
        head, _, tail = field.partition(".")
        if tail:
            kept["effort" if head == "effort" else "attributes"][tail] = _number(text)
        elif field in columns:
            event[columns[field]] = text if columns[field] == "code" else int(text) if columns[field] == "amount_ore" else float(text)
        else:
            kept["fields"][field] = _number(text)
    return event | {name: value or None for name, value in kept.items()}


def _told(record: dict[str, Any], events: list[Event]) -> tuple[str, ...]:
    del events
    return (record["subject"].removeprefix("p:"), str(record["index_on"]), record["outcome"], str(record["decided_on"]))


def _expected(line: str) -> tuple[str, ...]:
    return tuple(line.split()[:4])


def _check_more(line: str, records: list[dict[str, Any]]) -> None:
    more = _pairs(line.split()[4:])
    record = next(r for r in records if _told(r, []) == _expected(line))
    told = {
        "resolves": str(record["resolves_on"]),
        "value": f"{record['value']:g}" if record["value"] is not None else "none",
        "baseline": f"{record['baseline']:g}" if record["baseline"] is not None else "none",
        "unit": record["unit_id"],
        "known": str(record["known_from"].date()),
        "evidence": str(len(record["evidence"])),
        "contributors": record["contributors"] or "none",
    }
    assert {name: told[name] for name in more} == more
