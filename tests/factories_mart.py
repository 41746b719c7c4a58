"""Store files with rows of one's own, straight from the store's schema: for tests of what is made out of a store."""

import datetime as dt
import hashlib
import json
from pathlib import Path
from typing import Any

import duckdb
from pydantic import TypeAdapter

from models.catalogue import Catalogue
from models.registry import EVENT_TYPES
from pipelines.sql_texts import sql

DAY = dt.timedelta(days=1)


def key_of(text: str) -> int:
    return int.from_bytes(hashlib.md5(text.encode()).digest()[:8], "little") >> 1


def catalogue(**parts: Any) -> Catalogue:
    """A catalogue of one core task `work` with the indicators given, k = 1 and quarters unless said otherwise."""
    indicators = parts.pop("indicators", [reached()])
    municipality = {"id": "town", "name": "Town", "invented": True, "period": "quarter", "k": 1} | parts.pop("municipality", {})
    task = {
        "id": "work", "name": "Work", "purpose": "In work", "target_group": "Out of work", "indicators": indicators,
        "outputs": parts.pop("outputs", []), "amounts": parts.pop("amounts", []),
    } | parts.pop("task", {})  # fmt: skip
    return TypeAdapter(Catalogue).validate_python(
        {"municipality": municipality, "core_tasks": [task, *parts.pop("core_tasks", [])]} | parts
    )


def reached(**parts: Any) -> dict[str, Any]:
    """An indicator: a job within a year, in days."""
    return {
        "id": "job", "name": "Job", "kind": "reached", "index": "employment.benefit_ended", "target": "employment.placement_started",
        "horizon": "P365D", "time_unit": "day", "effect": {"unit": "citizen in work"},
    } | parts  # fmt: skip


def sustained(**parts: Any) -> dict[str, Any]:
    """An indicator: a job that begins within 30 days and holds for 60."""
    return {
        "id": "kept", "name": "Kept", "kind": "sustained", "index": "employment.benefit_ended", "state": {"name": "employment"},
        "begins_within": "P30D", "held": "P60D", "time_unit": "day", "effect": {"unit": "citizen in lasting work"},
    } | parts  # fmt: skip


class StoreFile:
    """A store file under construction: add rows, then `save`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.connection = duckdb.connect()
        self.connection.execute(f"ATTACH '{path}' AS store; USE store")
        self.connection.execute(sql("schema"))
        self.events = self.effects = 0

    def event(
        self, kind: str, on: dt.date, /, *, unit: str | None = None, subject: str = "p:0000000a", source: str = "urn:test", **data: Any
    ) -> None:
        """An accepted event; `data` are its fields as on the wire."""
        attributes = data.pop("attributes", None)
        event_type = EVENT_TYPES[kind]
        self.events += 1
        number = f"e{self.events}"
        columns = {column: data.pop(field) for field, column in event_type.columns.items() if field in data}
        recorded = data.pop("recorded_at", dt.datetime.combine(on, dt.time(12)))
        row = {
            "event_key": self.events, "source": source, "id": number, "content_hash": self.events, "type": kind, "subject": subject,
            "subject_key": key_of(subject), "occurred_at": dt.datetime.combine(on, dt.time(12)), "occurred_on": on, "recorded_at": recorded,
            "unit": unit, "fields": json.dumps(data, sort_keys=True) if data else None,
            "attributes": json.dumps(attributes, sort_keys=True) if attributes else None, "feed": "file:/some/where/a.ndjson", "part": 0,
            "offset": self.events, "batch": 1,
        } | columns  # fmt: skip
        self._insert("event", row)

    def ledger(self, on: dt.date, unit: str, account: str, amount_ore: int, **data: Any) -> None:
        self.event("finance.ledger_posted", on, subject=unit, account=account, amount_ore=amount_ore, **data)

    def effect(
        self, outcome: str, index_on: dt.date, days: int, *, unit: str | None = "A", indicator: str = "job", resolves: int = 365,
        subject: str | None = None, version: int = 1, key: int | None = None, contributors: dict[str, float] | None = None,
    ) -> None:  # fmt: skip
        """An effect record decided so many days after its index."""
        self.effects += 1
        who = subject or f"p:{self.effects:08x}"
        self._insert(
            "effect",
            {
                "indicator_id": indicator, "indicator_version": 1, "core_task_id": "work", "index_key": key or self.effects,
                "index_source": "urn:test",
                "index_id": f"i{self.effects}", "subject": who, "subject_key": key_of(who), "index_on": index_on, "unit_id": unit,
                "resolves_on": index_on + resolves * DAY, "decided_on": index_on + days * DAY, "outcome": outcome, "evidence": [],
                "contributors": json.dumps(contributors, sort_keys=True) if contributors else None,
                "known_from": dt.datetime.combine(index_on, dt.time(12)), "version": version, "batch": 1,
            },
        )  # fmt: skip

    def feed(self, feed: str, **counts: int) -> None:
        numbers = {"received": 0, "accepted": 0, "duplicates": 0, "quarantined": 0, "erased": 0} | counts
        self._insert("feed_offset", {"feed": feed, "part": 0, "next_offset": numbers["received"], "epoch": 0} | numbers)

    def save(self) -> Path:
        self.connection.execute("CHECKPOINT store; USE memory; DETACH store")
        self.connection.close()
        return self.path

    def _insert(self, table: str, row: dict[str, Any]) -> None:
        names = ", ".join(f'"{name}"' for name in row)
        self.connection.execute(f"INSERT INTO {table} ({names}) VALUES ({', '.join('?' * len(row))})", list(row.values()))


def strata_reference(rates: dict[str, tuple[int, int]], attribute: str = "need", **parts: Any) -> dict[str, Any]:
    """A frozen reference `ref` of the indicator `job`: level of one covariate -> (records, achieved)."""
    strata = [{"levels": (level,), "n": n, "observed": k, "rate": k / n} for level, (n, k) in rates.items()]
    levels = ", ".join(f'"{level}"' for level in rates)
    return {
        "id": "ref", "version": 1, "indicator": "job", "method": "strata", "covariates": (attribute,), "strata": strata,
        "case_mix": f'[{{"attribute": "{attribute}", "levels": [{levels}]}}]', "source": "a test", "population": "invented",
        "fitted_on": "2021-12-31", "n": sum(n for n, _ in rates.values()), "observed": sum(k for _, k in rates.values()),
    } | parts  # fmt: skip


class Mart:
    """A built mart, read with SQL."""

    def __init__(self, path: Path) -> None:
        self.connection = duckdb.connect()
        self.connection.execute(f"ATTACH '{path}' AS mart (READ_ONLY); USE mart")

    def rows(self, query: str, *values: Any) -> list[dict[str, Any]]:
        result = self.connection.execute(query, list(values))
        names = [column[0] for column in result.description or []]
        return [dict(zip(names, row, strict=True)) for row in result.fetchall()]

    def row(self, query: str, *values: Any) -> dict[str, Any]:
        (only,) = self.rows(query, *values)
        return only

    def cell(self, unit: str = "(all)", cohort: str = "all", indicator: str = "job") -> dict[str, Any]:
        return self.row("SELECT * FROM effect_by_unit WHERE unit_id = ? AND cohort = ? AND indicator_id = ?", unit, cohort, indicator)
