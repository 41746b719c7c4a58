"""Staged batches, a small translation and a small extraction for tests of the store: each test states only what matters to it."""

import datetime as dt
import hashlib
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from models.catalogue import Catalogue
from pipelines.staged import Staged
from pipelines.store import Store

SOURCE = "urn:test"
FEED = "kerneeffekt.employment"

EVENT_SCHEMA = pa.schema(
    [
        ("event_key", pa.uint64()), ("source", pa.string()), ("id", pa.string()), ("content_hash", pa.uint64()),
        ("type", pa.string()),
        ("subject", pa.string()), ("subject_key", pa.uint64()), ("occurred_at", pa.timestamp("us")), ("occurred_on", pa.date32()),
        ("recorded_at", pa.timestamp("us")), ("unit", pa.string()), ("episode", pa.string()),
        ("code", pa.string()), ("value", pa.float64()),
        ("amount_ore", pa.int64()), ("fields", pa.string()), ("attributes", pa.string()), ("effort", pa.string()), ("feed", pa.string()),
        ("part", pa.int32()), ("offset", pa.int64()),
    ]
)  # fmt: skip
QUARANTINE_SCHEMA = pa.schema(
    [
        ("feed", pa.string()), ("part", pa.int32()), ("offset", pa.int64()), ("class", pa.string()), ("faults", pa.string()),
        ("raw", pa.binary()), ("sha256", pa.string()), ("source", pa.string()), ("id", pa.string()), ("subject_key", pa.uint64()),
    ]
)  # fmt: skip


def number(text: str) -> int:
    """The same number as DuckDB's md5_number_lower: the last eight bytes of the MD5, little-endian there."""
    return _CONNECTION.execute("SELECT md5_number_lower(?)", [text]).fetchone()[0]  # type: ignore[index]


_CONNECTION = duckdb.connect()
DAY_0 = dt.datetime(2024, 1, 1)  # noqa: DTZ001 - the store's columns are UTC without a zone


def event(
    id_: str, kind: str = "employment.benefit_ended", subject: str = "p:aaaaaaaa", day: int = 0, recorded: int | None = None, **columns: Any
) -> dict[str, Any]:
    """One event as the intake would hand it over; `day` and `recorded` count from 2024-01-01."""
    at = DAY_0 + dt.timedelta(days=day)
    row = dict.fromkeys(EVENT_SCHEMA.names)
    row |= {
        "source": SOURCE, "id": id_, "type": kind, "subject": subject, "occurred_at": at, "occurred_on": at.date(),
        "recorded_at": DAY_0 + dt.timedelta(days=day if recorded is None else recorded), "unit": "u1", "fields": "{}",
    }  # fmt: skip
    row |= columns
    return row


def correction(id_: str, target: str, recorded: int, replacement: dict[str, Any] | None = None, **columns: Any) -> dict[str, Any]:
    """A retraction of an event of the test source, or a replacement."""
    fields: dict[str, Any] = {"target_id": target, "target_source": SOURCE}
    kind = "correction.event_retracted"
    if replacement is not None:
        fields["replacement"] = replacement
        kind = "correction.event_replaced"
    return event(id_, kind, day=recorded, fields=json.dumps(fields, sort_keys=True), unit=None, **columns)


def erasure(id_: str, subject: str, recorded: int = 400) -> dict[str, Any]:
    """An order to erase a subject."""
    return event(id_, "privacy.subject_erased", subject, recorded, unit=None)


def bad(raw: bytes, class_: str = "malformed") -> dict[str, Any]:
    """A record that the intake refused."""
    return {"class": class_, "faults": "[]", "raw": raw, "sha256": hashlib.sha256(raw).hexdigest()}


def staged(records: Iterable[dict[str, Any]], first: int = 0, feed: str = FEED, part: int = 0, **rest: Any) -> Staged:
    """A stretch of records at consecutive offsets."""
    events, rejected = [], []
    offset = first
    for offset, record in enumerate(records, start=first):
        place = {"feed": feed, "part": part, "offset": offset}
        if "class" in record:
            rejected.append(dict.fromkeys(QUARANTINE_SCHEMA.names) | record | place)
        else:
            events.append(_complete(record) | place)
    next_offset = first + len(events) + len(rejected)
    return Staged(
        feed,
        part,
        first,
        next_offset,
        pa.Table.from_pylist(events, EVENT_SCHEMA),
        pa.Table.from_pylist(rejected, QUARANTINE_SCHEMA),
        **rest,
    )


_KEYS: dict[str, int] = {}


def _key(text: str) -> int:
    if text not in _KEYS:
        _KEYS[text] = number(text)
    return _KEYS[text]


_NOT_CONTENT = {"event_key", "content_hash", "subject_key", "source", "id", "occurred_on", "feed", "part", "offset"}


def _complete(record: dict[str, Any]) -> dict[str, Any]:
    content = {k: v for k, v in record.items() if k not in _NOT_CONTENT}
    return record | {
        "event_key": _key(record["source"] + chr(31) + record["id"]),
        "subject_key": _key(record["subject"]),
        "content_hash": _key(json.dumps(content, sort_keys=True, default=str)),
    }


def amend(targets: pa.Table, replacements: list[str]) -> tuple[pa.Table, list[bool]]:
    """Applies a replacement: `time` (days from day 0), `data` (columns of the event; "unknown" fits nothing), `subject`."""
    rows, fits = [], []
    for target, text in zip(targets.to_pylist(), replacements, strict=True):
        said = json.loads(text)
        data = said.get("data", {})
        fits.append("unknown" not in data)
        if not fits[-1]:
            continue
        row = target | {name: value for name, value in data.items() if name in EVENT_SCHEMA.names}
        kept = {name: value for name, value in data.items() if name not in EVENT_SCHEMA.names and name != "unknown"}
        if kept:
            row["fields"] = json.dumps(kept, sort_keys=True)
        if "time" in said:
            row["occurred_at"] = DAY_0 + dt.timedelta(days=said["time"])
            row["occurred_on"] = row["occurred_at"].date()
        row["subject"] = said.get("subject", row["subject"])
        rows.append(_complete(row))
    return pa.Table.from_pylist(rows, EVENT_SCHEMA), fits


class SmallTranslation:
    """Work found within so many days of the end of a benefit: enough to see that the store runs what it is given."""

    def __init__(self, days: int = 30) -> None:
        self.days = days

    milestone_types = frozenset({"employment.benefit_ended", "employment.placement_started"})
    reads_attributes = False

    clearing = "DROP VIEW fresh_effect; DROP TABLE verdict; DROP TABLE indicator"

    def statements(self) -> list[str]:
        return [
            "CREATE OR REPLACE TEMP TABLE indicator AS"
            " SELECT 1 AS indicator_no, 'found_work' AS indicator_id, 1 AS indicator_version, 'work' AS core_task_id",
            f"""
            CREATE OR REPLACE TEMP TABLE verdict AS
            WITH target AS (
                SELECT i.event_key, min(t.occurred_on) AS found_on, min(t.event_key) AS found_key, max(t.recorded_at) AS found_at
                FROM standing_event i JOIN standing_event t ON t.subject_key = i.subject_key
                WHERE i.type = 'employment.benefit_ended' AND t.type = 'employment.placement_started'
                    AND t.occurred_on BETWEEN i.occurred_on AND i.occurred_on + {self.days}
                GROUP BY i.event_key
            )
            SELECT 1 AS indicator_no, i.event_key AS index_key,
                i.source AS index_source, i.id AS index_id, i.subject, i.subject_key, i.occurred_on AS index_on, i.unit AS unit_id,
                i.occurred_on + {self.days} AS resolves_on, coalesce(t.found_on, i.occurred_on + {self.days}) AS decided_on,
                CASE WHEN t.found_on IS NULL THEN 'not_achieved' ELSE 'achieved' END AS outcome,
                NULL::DOUBLE AS value, NULL::DOUBLE AS baseline, NULL::VARCHAR AS contributors,
                list_sort([i.event_key] || CASE WHEN t.found_key IS NULL THEN [] ELSE [t.found_key] END) AS evidence,
                greatest(i.recorded_at, t.found_at) AS known_from
            FROM standing_event i LEFT JOIN target t USING (event_key) WHERE i.type = 'employment.benefit_ended'
            """,
            "CREATE OR REPLACE TEMP VIEW fresh_effect AS SELECT * FROM verdict JOIN indicator USING (indicator_no)",
        ]


CATALOGUE = Catalogue.model_validate({"municipality": {"id": "test", "name": "Test"}})


def open_store(folder: Path, translation: Any = None, **rest: Any) -> Store:
    """A store with the small translation and extraction."""
    return Store.open(folder, CATALOGUE, translation=translation or SmallTranslation(), amender=amend, **rest)


def current(store: Store) -> list[tuple[Any, ...]]:
    """The newest version of every effect record that is not withdrawn, without version and batch."""
    return store.connection.execute(
        "SELECT * EXCLUDE (content_hash, version, batch) FROM effect"
        " QUALIFY row_number() OVER (PARTITION BY indicator_id, indicator_version, index_key ORDER BY version DESC) = 1"
        " AND outcome <> 'withdrawn'"
        " ORDER BY ALL"
    ).fetchall()


def counts(store: Store) -> tuple[int, ...]:
    """received, accepted, duplicates, quarantined, erased over all partitions."""
    return store.connection.execute(
        "SELECT coalesce(sum(received), 0), coalesce(sum(accepted), 0), coalesce(sum(duplicates), 0), coalesce(sum(quarantined), 0),"
        " coalesce(sum(erased), 0) FROM feed_offset"
    ).fetchone()  # type: ignore[return-value]
