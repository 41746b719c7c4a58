"""A validator's errors in plain words: what was expected, what stood there, on which line."""

import difflib
from collections.abc import Iterable
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from config.yaml_lines import Document, Key

_EXPECTED = {
    "missing": "expected this key: it is required",
    "string_type": "expected text (a number or true/false needs quotes here)",
    "string_sub_type": "expected text",
    "string_pattern_mismatch": "expected an id: 1-64 letters, digits or . _ : - and a letter or digit first",
    "int_type": "expected a whole number",
    "int_parsing": "expected a whole number",
    "int_from_float": "expected a whole number",
    "float_type": "expected a number",
    "float_parsing": "expected a number",
    "finite_number": "expected a finite number",
    "bool_type": "expected true or false",
    "bool_parsing": "expected true or false",
    "date_type": "expected a date such as 2025-07-01",
    "date_parsing": "expected a date such as 2025-07-01",
    "date_from_datetime_parsing": "expected a date such as 2025-07-01",
    "tuple_type": "expected a list",
    "list_type": "expected a list",
    "dict_type": "expected keys and values",
    "model_type": "expected keys and values",
    "model_attributes_type": "expected keys and values",
    "union_tag_not_found": "expected the key `kind`: which of the seven kinds this indicator is",
}
_BOUNDS = {
    "greater_than": ("above", "gt"),
    "greater_than_equal": ("at least", "ge"),
    "less_than": ("below", "lt"),
    "less_than_equal": ("at most", "le"),
}


def note_faults(document: Document, error: ValidationError, model: type[BaseModel], prefix: Key = ()) -> None:
    """Add every fault of a validation to the document; alternatives that failed at one place become one fault."""
    merged: dict[Key, tuple[tuple[Any, ...], list[str], Any]] = {}
    for detail in error.errors(include_url=False):
        path = (*prefix, *detail["loc"])
        if detail["type"] == "union_tag_invalid":
            path = (*path, "kind")
        _, _, real = document.place(path)
        absent = detail["type"] == "missing"
        slot = (*real, str(detail["loc"][-1])) if absent else real
        got = "nothing" if absent else document.at(real)
        expected = _expected(detail, model)
        if absent:
            expected = f"expected the key `{detail['loc'][-1]}` here: it is required"
        elif detail["type"] == "extra_forbidden":
            got = f"the key `{detail['loc'][-1]}`"
        entry = merged.setdefault(slot, (path, [], got))
        if expected not in entry[1]:
            entry[1].append(expected)
    for path, expectations, got in merged.values():
        document.fault(path, _joined(expectations), got)


def _joined(expectations: list[str]) -> str:
    first, *others = expectations
    return " or ".join([first, *(other.removeprefix("expected ") for other in others)])


def _expected(detail: ErrorDetails, model: type[BaseModel]) -> str:
    kind, context = detail["type"], detail.get("ctx", {})
    if kind in _EXPECTED:
        return _EXPECTED[kind]
    if kind in _BOUNDS:
        word, name = _BOUNDS[kind]
        return f"expected a number {word} {context[name]}"
    if kind == "extra_forbidden":
        return _known_keys(model, detail["loc"])
    if kind == "literal_error":
        return f"expected {context['expected']}"
    if kind == "union_tag_invalid":
        return f"expected one of {context['expected_tags']}"
    message = detail["msg"].removeprefix("Value error, ").rstrip(".")
    return message if "expected" in message or "belongs" in message else f"expected something else ({message[0].lower()}{message[1:]})"


def _known_keys(model: type[BaseModel], location: tuple[Any, ...]) -> str:
    wrong = str(location[-1])
    known = sorted({name for candidate in _models_at(model, location[:-1]) for name in field_names(candidate)})
    near = difflib.get_close_matches(wrong, known, n=1)
    hint = f" (did you mean `{near[0]}`?)" if near else " (inside { } a text with a comma needs quotes)" if " " in wrong else ""
    return f"expected one of the keys {', '.join(known)}{hint}" if known else "expected no such key"


def field_names(model: type[BaseModel]) -> list[str]:
    """The keys of a model as they are written in YAML."""
    return [info.alias or name for name, info in model.model_fields.items()]


def _models_at(model: type[BaseModel], location: tuple[Any, ...]) -> list[type[BaseModel]]:
    """The models that may stand at a validator's location: fields are followed, tags of a union narrow the choice."""
    models = [model]
    for part in location:
        if isinstance(part, int):
            continue
        inner = [found for candidate in models for found in _models_in_field(candidate, part)]
        models = inner or [candidate for candidate in models if _has_tag(candidate, part)] or models
    return models


def _models_in_field(model: type[BaseModel], name: str) -> Iterable[type[BaseModel]]:
    for field, info in model.model_fields.items():
        if name in (field, info.alias):
            yield from _models_in(info.annotation)


def _models_in(annotation: Any) -> Iterable[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in get_args(annotation) if get_origin(annotation) is not Literal else ():
        yield from _models_in(argument)


def _has_tag(model: type[BaseModel], tag: str) -> bool:
    kind = model.model_fields.get("kind")
    return model.__name__ == tag or (kind is not None and tag in get_args(kind.annotation))
