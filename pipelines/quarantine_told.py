"""What the sender of rejected events is told: where and why, and the shape of each event without anything that it says."""

import json
import re
from collections.abc import Iterator
from typing import Any

from models import personal_number
from pipelines.logs import clean
from pipelines.quarantine import Readable
from pipelines.sql_texts import sql

MOST = 100_000
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,63}")
_TYPE = re.compile(r"[a-z][a-z0-9_.]{0,127}")
HIDDEN_NAME = "(another name)"
DEEPEST = 32


def for_sender(
    quarantine: Readable, fault_class: str | None = None, source: str | None = None, limit: int = MOST, *, with_bytes: bool = False
) -> Iterator[dict[str, Any]]:
    """One entry per rejected record: place, class, faults, checksum of its bytes, source and id as it named them, time, shape.

    with_bytes  also the bytes as they were kept, for who may see them: log it before
    """
    rows = quarantine.connection.execute(sql("quarantine_for_sender"), {"class": fault_class, "source": source, "limit": limit}).fetchall()
    for feed, part, offset, class_, faults, checksum, source_, id_, at, raw in rows:
        yield {
            "feed": feed,
            "part": part,
            "offset": offset,
            "class": class_,
            "faults": json.loads(faults),
            "sha256": checksum or None,
            "source": _named(source_),
            "id": _named(id_),
            "received_at": f"{at.isoformat(timespec='seconds')}Z",
            "event": None if raw is None else shape(bytes(raw)),
            **({"bytes": None if raw is None else bytes(raw).decode("utf-8", "backslashreplace")} if with_bytes else {}),
        }


def shape(raw: bytes) -> Any:
    """An event's names and kinds of values: enough to find the fault, nothing about anybody.

    The type is told, since it may be the fault. What is no JSON is told by its length only.
    """
    try:
        document = json.loads(raw)
    except (ValueError, RecursionError):
        return f"({len(raw)} bytes, not JSON)"
    told = _shape(document, 0)
    if isinstance(document, dict) and isinstance(document.get("type"), str) and _may_be_told(document["type"], _TYPE):
        told["type"] = document["type"]
    return told


def _shape(value: Any, depth: int) -> Any:
    if depth > DEEPEST:
        return "(deeper)"
    match value:
        case dict():
            return {(name if _may_be_told(name, _NAME) else HIDDEN_NAME): _shape(item, depth + 1) for name, item in value.items()}
        case list():
            return [_shape(value[0], depth + 1), f"({len(value)} items)"] if value else []
        case bool() | None:
            return "(yes or no)" if value is not None else None
        case int() | float():
            return "(number)"
        case _:
            return "(text)" if value else "(empty text)"


def _may_be_told(text: str, pattern: re.Pattern[str]) -> bool:
    return pattern.fullmatch(text) is not None and not personal_number.in_text(text) and clean(text) == text


def _named(text: str | None) -> str | None:
    return None if text is None else clean(text)
