"""The API's OpenAPI document: what FastAPI finds in the routes, and the rows of each table as the data contract describes them.

The contract (`pipelines/contract.py`) is the one source: a column's type, meaning, unit, privacy and allowed values are those that lie in
every publication as `contract.yaml`.
"""

from collections.abc import Callable
from typing import Any, Final

from fastapi import FastAPI

from pipelines.contract import contract_of

SCHEMAS: Final = "#/components/schemas/"
_TYPES: Final[dict[str, dict[str, str]]] = {
    "string": {"type": "string"},
    "boolean": {"type": "boolean"},
    "integer": {"type": "integer"},
    "number": {"type": "number"},
    "date": {"type": "string", "format": "date"},
    "timestamp": {"type": "string"},
}
_TEXT: Final = {"type": "string"}
_TEXT_OR_NONE: Final = {"type": ["string", "null"]}
_COUNT: Final = {"type": "integer", "minimum": 0}
_HEAD: Final[dict[str, Any]] = {
    "ok": {"const": True},
    "snapshot_id": _TEXT | {"description": "The publication; its ETag."},
    "as_of": _TEXT_OR_NONE | {"description": "The day on which figures are counted."},
    "known_at": _TEXT_OR_NONE | {"description": "As it was known at this time."},
    "invented": {"type": "boolean", "description": "Nobody in these data exists."},
    "audience": _TEXT_OR_NONE | {"description": "For whom the figures were made, and nobody else; null: everybody."},
    "notice": _TEXT_OR_NONE | {"description": "What a reader should know: the publication is stale, or a newer one cannot be opened."},
}
_FAULT: Final = {
    "type": "object",
    "properties": {"ok": {"const": False}, "status": {"type": "integer"}, "error": _TEXT | {"description": "What was expected."}},
    "required": ["ok", "status", "error"],
}
_FAULTS: Final = {
    "400": "A parameter that is not known, stands twice, or has a value that cannot be used",
    "401": "No login, and no token",
    "403": "Without the right to figures",
    "404": "The publication has no such table",
    "413": "More rows than this kind of file takes",
    "429": "Too many requests, or too many files at a time",
    "503": "Nothing is published, or the question took too long",
}


def describe_rows(app: FastAPI) -> None:
    """Let the application's document name the rows of every table, and the one shape of faults."""
    found: Callable[[], dict[str, Any]] = app.openapi

    def document() -> dict[str, Any]:
        if app.openapi_schema is None:
            _complete(found())
        return found()

    app.openapi = document  # type: ignore[method-assign]


def _complete(document: dict[str, Any]) -> None:
    rows = {_row_name(table["name"]): row_schema(table) for table in contract_of()["schema"]}
    pages = {_page_name(table["name"]): _page(table["name"]) for table in contract_of()["schema"]}
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    schemas |= {"Fault": _FAULT, "TableList": _TABLE_LIST, **rows, **pages}
    for path, methods in document["paths"].items():
        if path.startswith("/api/v1/"):
            methods["get"]["responses"] |= _faults()
            methods["get"]["responses"].pop("422", None)
    _answers(document, "/api/v1/tables", {"$ref": f"{SCHEMAS}TableList"})
    mapping = {table["name"]: SCHEMAS + _page_name(table["name"]) for table in contract_of()["schema"]}
    one_of = [{"$ref": reference} for reference in mapping.values()]
    _answers(document, "/api/v1/tables/{table}", {"oneOf": one_of, "discriminator": {"propertyName": "table", "mapping": mapping}})


def row_schema(table: dict[str, Any]) -> dict[str, Any]:
    """One row of a table of the contract, as JSON Schema: every column is there, and null where it has no value."""
    properties = {column["name"]: _column(column) for column in table["properties"]}
    return {
        "type": "object",
        "description": table["description"],
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _column(column: dict[str, Any]) -> dict[str, Any]:
    kind = dict[str, Any](_TYPES[column["logicalType"]])
    required = column.get("required", False)
    if not required:
        kind["type"] = [kind["type"], "null"]
    allowed = [value for rule in column.get("quality", ()) for value in rule["arguments"]["validValues"]]
    if allowed:
        kind["enum"] = allowed if required else [*allowed, None]
    unit = [one["value"] for one in column.get("customProperties", ()) if one["property"] == "unit"]
    told = {"description": column["description"], "x-privacy": column["classification"]}
    return kind | told | ({"x-unit": unit[0]} if unit else {})


def _page(table: str) -> dict[str, Any]:
    properties = _HEAD | {
        "table": {"const": table},
        "total": _COUNT | {"description": "Rows that the filters leave."},
        "limit": _COUNT,
        "offset": _COUNT,
        "next": _TEXT_OR_NONE | {"description": "Address of the following page."},
        "rows": {"type": "array", "items": {"$ref": SCHEMAS + _row_name(table)}},
    }
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


_LISTED_COLUMN: Final = {
    "type": "object",
    "properties": {"name": _TEXT, "type": _TEXT, "meaning": _TEXT_OR_NONE},
    "required": ["name", "type", "meaning"],
}
_LISTED: Final = {
    "type": "object",
    "properties": {
        "name": _TEXT,
        "rows": _COUNT,
        "href": _TEXT,
        "filters": {"type": "array", "items": _TEXT},
        "columns": {"type": "array", "items": _LISTED_COLUMN},
    },
    "required": ["name", "rows", "href", "filters", "columns"],
}
_TABLE_LIST: Final = {
    "type": "object",
    "properties": _HEAD | {"tables": {"type": "array", "items": _LISTED}},
    "required": [*_HEAD, "tables"],
}


def _answers(document: dict[str, Any], path: str, schema: dict[str, Any]) -> None:
    document["paths"][path]["get"]["responses"]["200"]["content"]["application/json"]["schema"] = schema


def _faults() -> dict[str, Any]:
    content = {"application/json": {"schema": {"$ref": f"{SCHEMAS}Fault"}}}
    told: dict[str, Any] = {status: {"description": why, "content": content} for status, why in _FAULTS.items()}
    return told | {"304": {"description": "Nothing changed since the ETag that was sent"}}


def _row_name(table: str) -> str:
    return f"Row_{table}"


def _page_name(table: str) -> str:
    return f"Page_{table}"
