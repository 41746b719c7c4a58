"""Reads a mapping (YAML): how a source system's CSV becomes events, or every fault with its line and what was expected."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from config.plain_words import note_faults
from config.yaml_lines import Document, read_yaml
from models.errors import CatalogueError
from models.mapping import FieldValue, Mapping, Rule, columns_of


def load_mapping(path: Path) -> Mapping:
    """The mapping of a file.

    raises  CatalogueError with every fault, in the order of lines: YAML, keys, unknown event types and fields, fields that a type needs,
            code tables that are not there
    """
    document = read_yaml(path)
    mapping = _validated(document)
    if mapping is not None:
        _check(document, mapping)
    if document.faults or mapping is None:
        raise CatalogueError(sorted(document.faults, key=lambda fault: (fault.line, fault.key)), "mapping")
    return mapping


def _validated(document: Document) -> Mapping | None:
    if document.faults:
        return None
    try:
        return Mapping.model_validate(document.value if document.value is not None else {})
    except ValidationError as error:
        note_faults(document, error, Mapping)
    return None


def _check(document: Document, mapping: Mapping) -> None:
    for number, rule in enumerate(mapping.events):
        place = ("events", number)
        _check_fields(document, rule, place)
        _check_subject(document, rule, place)
        for path, value in _values(rule.data, (*place, "data")):
            for column in columns_of(value):
                if column.codes is not None and column.codes not in mapping.codes:
                    document.fault((*path, "codes"), _tables(mapping), column.codes)
        if rule.subject.codes is not None and rule.subject.codes not in mapping.codes:
            document.fault((*place, "subject", "codes"), _tables(mapping), rule.subject.codes)


def _check_fields(document: Document, rule: Rule, place: tuple[Any, ...]) -> None:
    fields = rule.event_type.payload.model_fields
    for name, value in rule.data.items():
        if name not in fields:
            document.fault((*place, "data", name), f"expected one of the fields {', '.join(sorted(fields))}", f"the field `{name}`")
        elif isinstance(value, dict) and name not in ("attributes", "effort", "replacement"):
            document.fault((*place, "data", name), "expected a constant, or `column` and how it is read", "other keys")
    for name, field in fields.items():
        if field.is_required() and name not in rule.data:
            document.fault((*place, "data"), f"expected the field `{name}`: an event of the type {rule.type} needs it", "nothing")


def _check_subject(document: Document, rule: Rule, place: tuple[Any, ...]) -> None:
    kind, wanted = rule.subject.kind, rule.event_type.subject
    if wanted == "unit" and kind != "unit":
        document.fault((*place, "subject"), f"expected `unit`: an event of the type {rule.type} is about a unit", kind)
    if wanted == "person" and kind == "unit":
        document.fault((*place, "subject"), f"expected person, household, company or pseudonym: {rule.type} is not about a unit", kind)


def _values(data: dict[str, FieldValue], place: tuple[Any, ...]) -> Iterator[tuple[tuple[Any, ...], FieldValue]]:
    for name, value in data.items():
        if isinstance(value, dict):
            yield from (((*place, name, inner), item) for inner, item in value.items())
        else:
            yield (*place, name), value


def _tables(mapping: Mapping) -> str:
    return (
        f"expected a table of `codes`: {', '.join(sorted(mapping.codes))}" if mapping.codes else "expected a table of this name in `codes`"
    )
