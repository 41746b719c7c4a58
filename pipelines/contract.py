"""The data contract: what readers of a publication may rely on, in the Open Data Contract Standard (ODCS) 3.1.

Generated from the one description of tables, views and columns (`pipelines/tables/`), as that of the quality gate and of docs/tables.md is.
A copy lies in every publication as `contract.yaml`; `kerneeffekt contract` writes one without a publication.
"""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

import yaml

from pipelines.tables import THEMES, Column, Table
from pipelines.tables.views import VIEWS, View

CONTRACT_FILE: Final = "contract.yaml"

API_VERSION: Final = "v3.1.0"

VERSION: Final = "1.0.0"
"""Of the contract: the last number for words, the middle one for added tables and columns, the first for a broken promise."""

_LOGICAL: Final = {
    "VARCHAR": "string",
    "BOOLEAN": "boolean",
    "DATE": "date",
    "TIMESTAMP": "timestamp",
    "INTEGER": "integer",
    "BIGINT": "integer",
    "DOUBLE": "number",
}

_OF_PUBLICATION: Final = ("snapshot_id", "as_of", "known_at", "published_at", "definition_hash", "invented")

_PURPOSE: Final = (
    "Which lasting effect a municipality's core tasks have for citizens and society, unit by unit, how sure that is, what it cost, and how"
    " complete the input is."
)
_USAGE: Final = (
    "Read `state` before a figure and `reason` where it is not `final`: a null is never a zero. Add up only rows of one kind of cohort."
    " Compare shares over time only among rows with the same comparable_from and no breaks. Ranks go with their limits."
)
_LIMITATIONS: Final = (
    "No row is of one person. Figures that rest on fewer than k persons are hidden, and so are those that would give them away; they must"
    " not be worked out from other publications or sources. `effect` in the causal sense only where evidence_level is controlled or"
    " experimental."
)


def contract_of(manifest: dict[str, Any] | None = None) -> dict[str, Any]:
    """The contract as ODCS has it.

    manifest  of the publication that it lies in; None: of the product, without a publication
    """
    return {
        "apiVersion": API_VERSION,
        "kind": "DataContract",
        "id": "kerneeffekt-mart",
        "name": "Kerneeffekt: effect per krone across units",
        "version": VERSION,
        "status": "active",
        "domain": "public sector outcomes",
        "dataProduct": "kerneeffekt",
        "description": {"purpose": _PURPOSE, "usage": _USAGE, "limitations": _LIMITATIONS},
        "servers": [
            {"server": "duckdb", "type": "duckdb", "database": "mart.duckdb", "schema": "main", "description": "Open it read-only."},
            {"server": "parquet", "type": "local", "path": "*.parquet", "format": "parquet", "description": "One file per table."},
        ],
        "schema": [*_tables(), *map(_view, VIEWS)],
        "slaProperties": _promises(manifest or {}),
        "customProperties": _properties(_facts(manifest)),
    }


def contract_text(manifest: dict[str, Any] | None = None) -> str:
    """The contract as YAML."""
    return yaml.dump(contract_of(manifest), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=120)


def write_contract(file: Path, manifest: dict[str, Any] | None = None) -> None:
    """Write the contract to a file."""
    file.write_text(contract_text(manifest), encoding="utf-8")


class _Dumper(getattr(yaml, "CSafeDumper", yaml.SafeDumper)):  # type: ignore[misc]
    """No anchors: a reader should not have to look values up elsewhere in the file."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _promises(manifest: dict[str, Any]) -> list[dict[str, Any]]:
    """How long a publication stays readable: for the days that the publisher was told, or without an end."""
    days = manifest.get("keep_days")
    told = {"value": days, "unit": "d"} if days else {"value": "unlimited"}
    return [{"property": "retention", "description": "How long a publication stays readable at least.", **told}]


def _facts(manifest: dict[str, Any] | None) -> dict[str, Any]:
    if manifest is None:
        return {}
    municipality = manifest["municipality"]
    of_publication = {_camel(name): manifest[name] for name in _OF_PUBLICATION if manifest[name] is not None}
    return of_publication | {"municipality": municipality["id"], "currency": municipality["currency"], "k": municipality["k"]}


def _tables() -> Iterable[dict[str, Any]]:
    for theme, tables in THEMES.items():
        for table in tables:
            yield _table(table, theme)


def _table(table: Table, theme: str) -> dict[str, Any]:
    rules = [
        {
            "name": f"{table.name}_grain",
            "type": "library",
            "metric": "duplicateValues",
            "arguments": {"properties": list(table.key)},
            "mustBe": 0,
            "dimension": "uniqueness",
            "severity": "error",
            "description": f"One row per {table.grain}.",
        }
    ]
    columns = [_table_column(table, column) for column in table.columns]
    return _object(table.name, "table", table.about, columns) | {
        "dataGranularityDescription": f"one row per {table.grain}",
        "tags": [theme],
        "quality": rules,
    }


def _view(view: View) -> dict[str, Any]:
    return _object(view.name, "view", f"{view.question} {view.about}", [_column(column) for column in view.columns]) | {
        "tags": ["Usual questions"],
        "customProperties": _properties({"question": view.question, "sortBy": view.order}),
    }


def _object(name: str, kind: str, about: str, columns: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "name": name,
        "physicalName": name,
        "logicalType": "object",
        "physicalType": kind,
        "description": about,
        "properties": columns,
    }


def _table_column(table: Table, column: Column) -> dict[str, Any]:
    told = _column(column) | {"required": table.is_required(column)}
    if column.name in table.key:
        told |= {"primaryKey": True, "primaryKeyPosition": table.key.index(column.name) + 1}
    if allowed := table.allowed(column):
        told["quality"] = [
            {
                "type": "library",
                "metric": "invalidValues",
                "arguments": {"validValues": list(allowed)},
                "mustBe": 0,
                "dimension": "conformity",
                "severity": "error",
            }
        ]
    return told


def _column(column: Column) -> dict[str, Any]:
    told: dict[str, Any] = {
        "name": column.name,
        "physicalName": column.name,
        "logicalType": _LOGICAL[column.type],
        "physicalType": column.type,
        "description": column.comment,
        "classification": column.privacy,
    }
    if column.unit:
        limits = {"minimum": column.unit.low, "maximum": column.unit.high}
        if options := {name: value for name, value in limits.items() if value is not None}:
            told["logicalTypeOptions"] = options
        told["customProperties"] = _properties({"unit": column.unit.name, "restsOn": column.rests_on})
    return told


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(part.title() for part in rest)


def _properties(facts: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        {"property": name, "value": value if isinstance(value, str | int | bool) else json.dumps(value)} for name, value in facts.items()
    ]
