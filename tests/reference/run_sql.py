"""Runs a compiled translation over events given as dictionaries, without the store, and reads `fresh_effect` back as dictionaries."""

import json
from collections.abc import Iterable
from typing import Any

import duckdb
import pyarrow as pa

from outcomes.translation import Translation

Event = dict[str, Any]
MICROSECOND = pa.timestamp("us")
COLUMNS = pa.schema(
    [
        ("event_key", pa.uint64()),
        ("source", pa.string()),
        ("id", pa.string()),
        ("content_hash", pa.uint64()),
        ("type", pa.string()),
        ("subject", pa.string()),
        ("subject_key", pa.uint64()),
        ("occurred_at", MICROSECOND),
        ("occurred_on", pa.date32()),
        ("recorded_at", MICROSECOND),
        ("unit", pa.string()),
        ("episode", pa.string()),
        ("code", pa.string()),
        ("value", pa.float64()),
        ("amount_ore", pa.int64()),
        ("fields", pa.string()),
        ("attributes", pa.string()),
        ("effort", pa.string()),
    ]
)
KEYS = ("indicator_id", "indicator_version", "index_key")


def as_rows(events: Iterable[Event]) -> pa.Table:
    """Events as the store keeps them: objects as JSON text with sorted keys."""

    def cell(value: Any) -> Any:
        return json.dumps(value, sort_keys=True) if isinstance(value, dict) else value

    return pa.Table.from_pylist([{name: cell(event[name]) for name in COLUMNS.names} for event in events], schema=COLUMNS)


def translate(translation: Translation, events: list[Event], touched: set[int] | None = None) -> list[dict[str, Any]]:
    """Effect records of the touched subjects (all, when not given), by indicator and index key."""
    with duckdb.connect(config={"threads": 1}) as connection:
        return translate_on(connection, translation, events, touched)


def translate_on(connection: Any, translation: Translation, events: list[Event], touched: set[int] | None = None) -> list[dict[str, Any]]:
    rows = as_rows(events)
    subjects = pa.table(
        {"subject_key": pa.array(sorted(touched if touched is not None else {e["subject_key"] for e in events}), pa.uint64())}
    )
    connection.register("rows", rows)
    connection.register("subjects", subjects)
    # Two steps: a join would push a filter of large unsigned keys into Arrow, which it cannot hold.
    connection.execute("CREATE OR REPLACE TEMP TABLE touched_subject AS SELECT * FROM subjects")
    connection.execute("CREATE OR REPLACE TEMP TABLE standing_event AS SELECT * FROM rows")
    connection.execute("DELETE FROM standing_event WHERE subject_key NOT IN (SELECT subject_key FROM touched_subject)")
    for text in translation.statements():
        connection.execute(text)
    found = connection.execute("SELECT * FROM fresh_effect ORDER BY indicator_id, indicator_version, index_key")
    names = [column[0] for column in found.description]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]
