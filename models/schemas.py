"""JSON Schema of each event type and one AsyncAPI 3 document of all channels, made from the registry and the payload models."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from models.records import SUBJECT_PATTERNS
from models.registry import EVENT_TYPES, FAMILIES, EventType

JSON_SCHEMA = "https://json-schema.org/draft/2020-12/schema"
CONTENT_TYPE = "application/cloudevents+json"
EFFECTS_TOPIC = "effects"
EFFECT_TYPE = "dk.kerneopgave.effect.changed.v1"


def topic_of(family: str) -> str:
    """The Kafka topic of a family of events."""
    return f"kerneeffekt.{family}"


def event_schema(event_type: EventType) -> dict[str, Any]:
    """JSON Schema of a whole event of one type: its envelope and its data."""
    name = {"type": "string", "minLength": 1, "maxLength": 200}
    time = {"type": "string", "format": "date-time"}
    return {
        "$schema": JSON_SCHEMA,
        "$id": f"urn:kerneeffekt:event:{event_type.name}:v1",
        "title": event_type.wire,
        "description": (event_type.payload.__doc__ or "").strip().splitlines()[0],
        "type": "object",
        "required": ["specversion", "id", "source", "type", "subject", "time", "data"],
        "properties": {
            "specversion": {"const": "1.0"},
            "id": name,
            "source": name,
            "type": {"const": event_type.wire},
            "subject": {"type": "string", "pattern": f"^{SUBJECT_PATTERNS[event_type.subject]}$"},
            "time": time | {"description": "When it happened."},
            "recordedtime": time | {"description": "When the source system recorded it; absent: the same as `time`."},
            "data": _nullable(event_type.payload.model_json_schema(mode="validation")),
        },
    }


def event_schemas() -> dict[str, dict[str, Any]]:
    """JSON Schema of every type, by its name."""
    return {name: event_schema(event_type) for name, event_type in EVENT_TYPES.items()}


def _nullable(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema with `null` allowed in every field that may be left out: to the intake both are the same."""
    required = set(schema.get("required", ()))
    properties = {name: field if name in required else _or_null(field) for name, field in schema["properties"].items()}
    return {key: value for key, value in schema.items() if key != "title"} | {"properties": properties}


def _or_null(field: dict[str, Any]) -> dict[str, Any]:
    if {"type": "null"} in field.get("anyOf", ()):
        return field
    described = {key: field[key] for key in ("default", "title", "description") if key in field}
    return {"anyOf": [{key: value for key, value in field.items() if key not in described}, {"type": "null"}]} | described


def asyncapi_document(version: str = "0.1.0") -> dict[str, Any]:
    """One AsyncAPI 3 document: a channel per family of events, that Kerneeffekt reads, and the channel of effects, that it writes."""
    channels = {family: _channel(family) for family in FAMILIES}
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Kerneeffekt",
            "version": version,
            "description": "Operational events of a municipality in; changes of long-term effect records out.",
        },
        "defaultContentType": CONTENT_TYPE,
        "channels": channels | {EFFECTS_TOPIC: _effects_channel()},
        "operations": {f"receive_{family}": _operation("receive", family) for family in FAMILIES}
        | {"send_effects": _operation("send", EFFECTS_TOPIC)},
        "components": {"messages": _messages() | {"effect_changed": _effect_message()}},
    }


def _channel(family: str) -> dict[str, Any]:
    names = [event_type.name for event_type in EVENT_TYPES.values() if event_type.family == family]
    return {
        "address": topic_of(family),
        "description": f"Events of the family {family}, keyed by subject.",
        "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in names},
    }


def _effects_channel() -> dict[str, Any]:
    return {
        "address": EFFECTS_TOPIC,
        "description": "New versions of effect records, keyed by subject; the newest version of a record counts.",
        "messages": {"effect_changed": {"$ref": "#/components/messages/effect_changed"}},
    }


def _operation(action: str, channel: str) -> dict[str, Any]:
    return {"action": action, "channel": {"$ref": f"#/channels/{channel}"}}


def _messages() -> dict[str, Any]:
    return {
        name: {"name": event_type.wire, "contentType": CONTENT_TYPE, "payload": event_schema(event_type)}
        for name, event_type in EVENT_TYPES.items()
    }


_TEXT, _DATE, _WHOLE = {"type": "string"}, {"type": "string", "format": "date"}, {"type": "integer"}
_TIME, _NUMBER = {"type": "string", "format": "date-time"}, {"type": ["number", "null"]}
_EFFECT_FIELDS: Mapping[str, Mapping[str, Any]] = {
    "indicator_id": _TEXT,
    "indicator_version": _WHOLE,
    "core_task_id": _TEXT,
    "index_source": _TEXT,
    "index_id": _TEXT,
    "index_on": _DATE,
    "unit_id": {"type": ["string", "null"]},
    "resolves_on": _DATE,
    "decided_on": _DATE,
    "outcome": {"enum": ["achieved", "not_achieved", "competing", "censored", "unmeasured", "withdrawn"]},
    "value": _NUMBER,
    "baseline": _NUMBER,
    "contributors": {"type": ["object", "null"], "additionalProperties": {"type": "number"}},
    "known_from": _TIME,
    "version": _WHOLE,
}


def _effect_message() -> dict[str, Any]:
    envelope = {
        "specversion": {"const": "1.0"},
        "id": _TEXT,
        "source": _TEXT,
        "type": {"const": EFFECT_TYPE},
        "subject": _TEXT,
        "time": _TIME,
    }
    data = {"type": "object", "required": list(_EFFECT_FIELDS), "properties": {name: dict(field) for name, field in _EFFECT_FIELDS.items()}}
    payload = {"$schema": JSON_SCHEMA, "type": "object", "required": [*envelope, "data"], "properties": envelope | {"data": data}}
    return {"name": EFFECT_TYPE, "contentType": CONTENT_TYPE, "payload": payload}


def write_schemas(target: Path) -> int:
    """Write `<type>.schema.json` per type and `asyncapi.json` into a folder (made where it is missing); returns the number of files.

    The one function of this package that touches files: it writes values that are wholly made here.
    """
    target.mkdir(parents=True, exist_ok=True)
    documents = {f"{name}.schema.json": schema for name, schema in event_schemas().items()} | {"asyncapi.json": asyncapi_document()}
    for name, document in documents.items():
        (target / name).write_text(json.dumps(document, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    return len(documents)
