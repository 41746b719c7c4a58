"""Event names and fields in a catalogue, held against the registry of event types."""

import difflib
from collections.abc import Iterable, Mapping
from typing import Any, Literal, get_args, get_origin

from config.yaml_lines import Document, Key
from models.registry import EventType

Registry = Mapping[str, EventType]

_LISTS_OF_EVENTS = ("competing", "censored_by", "target", "with_event", "without_event")
_COMMON_FIELDS = frozenset({"unit"})


def expand_event_names(document: Document, registry: Registry) -> None:
    """Turn facts written alone (`died`) into whole names (`person.died`), in place; unknown and ambiguous names are faults."""
    document.value = _expanded(document, registry, document.value, ())


def _expanded(document: Document, registry: Registry, value: Any, key: Key) -> Any:
    if isinstance(value, list):
        return [_expanded(document, registry, item, (*key, index)) for index, item in enumerate(value)]
    if not isinstance(value, dict):
        return value
    return {name: _expanded_entry(document, registry, name, item, (*key, name)) for name, item in value.items()}


def _expanded_entry(document: Document, registry: Registry, name: str, item: Any, key: Key) -> Any:
    if name == "where":  # conditions: a data field may be called anything
        return item
    names_events = name in ("event", "index") or name in _LISTS_OF_EVENTS
    if names_events and isinstance(item, str):
        return _whole_name(document, registry, item, key)
    if names_events and isinstance(item, list):
        return [
            _whole_name(document, registry, part, (*key, index))
            if isinstance(part, str)
            else _expanded(document, registry, part, (*key, index))
            for index, part in enumerate(item)
        ]
    return _expanded(document, registry, item, key)


def _whole_name(document: Document, registry: Registry, name: str, key: Key) -> str:
    if name in registry:
        return name
    candidates = sorted(known for known in registry if known.split(".", 1)[1] == name)
    if len(candidates) == 1:
        return candidates[0]
    if candidates:
        document.fault(key, f"expected the family too, since several have this fact: {' or '.join(candidates)}", name)
        return name
    near = difflib.get_close_matches(name, [*registry, *(known.split(".", 1)[1] for known in registry)], n=1)
    hint = f" (did you mean `{near[0]}`?)" if near else ""
    document.fault(key, f"expected an event type such as `employment.benefit_ended`, or its fact alone{hint}", name)
    return name


def reads(event: EventType, role: str) -> bool:
    """Whether indicators see this type as `role` (a type may read as two things)."""
    return role in event.reads_as


def state_names(registry: Registry) -> list[str]:
    """Every state that some event opens."""
    return sorted({event.state for event in registry.values() if event.state and reads(event, "start")})


def starts_of(registry: Registry, state: str | None) -> list[EventType]:
    """The event types that open a state."""
    return [event for event in registry.values() if state and event.state == state and reads(event, "start")]


def data_fields(registry: Registry, event: EventType) -> frozenset[str]:
    """The fields that a condition on this event sees: its own, and on an end those of the start."""
    fields = {*_payload_fields(event), *_COMMON_FIELDS}
    if reads(event, "end"):
        for start in starts_of(registry, event.state):
            fields |= _payload_fields(start)
    return frozenset(fields)


def _payload_fields(event: EventType) -> set[str]:
    return {info.alias or name for name, info in event.payload.model_fields.items()} - {"attributes", "effort"}


def codes_of(events: Iterable[EventType], field: str) -> tuple[str, ...]:
    """The codes that a field is restricted to on all these types; none where any text may stand."""
    found: set[str] = set()
    for event in events:
        info = event.payload.model_fields.get(field)
        if info is None:
            continue
        literals = _literals(info.annotation)
        if not literals:
            return ()
        found |= literals
    return tuple(sorted(found))


def _literals(annotation: Any) -> set[str]:
    if get_origin(annotation) is Literal:
        return {str(argument) for argument in get_args(annotation)}
    return set().union(*(_literals(argument) for argument in get_args(annotation))) if get_args(annotation) else set()
