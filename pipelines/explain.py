"""From a figure back to its evidence: the effect records behind it and the pseudonymised events that prove each. Every look is logged."""

import datetime as dt
import getpass
import json
import os
import re
from dataclasses import asdict, dataclass, fields
from typing import Any

from models.errors import ConfigurationError
from pipelines.sql_texts import sql
from pipelines.store import Store

LOG = "explain.log"

_COHORT = re.compile(r"(?P<year>\d{4})(?:-(?:Q(?P<quarter>[1-4])|H(?P<half>[12])|(?P<month>0[1-9]|1[0-2])))?")


@dataclass(frozen=True)
class Evidence:
    """One event behind an effect record, and where it came from."""

    source: str
    id: str
    type: str
    occurred_on: dt.date
    recorded_at: dt.datetime
    unit: str | None
    code: str | None
    value: float | None
    corrected: bool
    feed: str
    part: int
    offset: int


@dataclass(frozen=True)
class ExplainedRecord:
    """One effect record behind a figure. `subject` is a keyed pseudonym; there is no way back from it in this product."""

    subject: str
    indicator_version: int
    index_on: dt.date
    unit_id: str | None
    outcome: str
    decided_on: dt.date
    resolves_on: dt.date
    known_from: dt.datetime
    version: int
    evidence: list[Evidence]

    def as_dict(self) -> dict[str, Any]:
        """For scripts."""
        return asdict(self)


def explain(store: Store, indicator: str, unit: str, cohort: str, purpose: str = "") -> list[ExplainedRecord]:
    """The current effect records of an indicator, unit (`(all)`: every unit) and cohort (2024, 2024-H1, 2024-Q1, 2024-03, all).

    Appends who asked for what, and how much was shown, to `explain.log` in the store's folder before anything is returned.
    raises ConfigurationError for a cohort that is none, or an indicator that the store has no record of.
    """
    first, last = cohort_days(cohort)
    known = [name for (name,) in store.connection.execute("SELECT DISTINCT indicator_id FROM effect ORDER BY 1").fetchall()]
    if indicator not in known:
        raise ConfigurationError(f"the store has no records of indicator {indicator!r}; it has: {', '.join(known) or 'none yet'}")
    asked = {"indicator": indicator, "unit": unit, "first": first, "last": last}
    rows = store.connection.execute(sql("explain"), asked).fetchall()
    records = [_record(*row) for row in rows]
    _log(store, indicator, unit, cohort, purpose, records)
    return records


def cohort_days(cohort: str) -> tuple[dt.date, dt.date]:
    """First and last index day of a cohort named as in the published tables; ConfigurationError when it is not one."""
    if cohort == "all":
        return dt.date.min, dt.date.max
    found = _COHORT.fullmatch(cohort)
    if found is None:
        raise ConfigurationError(f"cohort must be a period such as 2024, 2024-H1, 2024-Q1 or 2024-03, or `all`, got: {cohort!r}")
    year = int(found["year"])
    start, months = 1, 12
    if found["quarter"]:
        start, months = 3 * int(found["quarter"]) - 2, 3
    elif found["half"]:
        start, months = 6 * int(found["half"]) - 5, 6
    elif found["month"]:
        start, months = int(found["month"]), 1
    following = dt.date(year + (start + months - 1) // 12, (start + months - 1) % 12 + 1, 1)
    return dt.date(year, start, 1), following - dt.timedelta(days=1)


def _record(*columns: Any) -> ExplainedRecord:
    row = dict(zip((field.name for field in fields(ExplainedRecord)), columns, strict=True))
    return ExplainedRecord(**row | {"evidence": [Evidence(**event) for event in row["evidence"]]})


def _log(store: Store, indicator: str, unit: str, cohort: str, purpose: str, records: list[ExplainedRecord]) -> None:
    line = {
        "at": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        "user": getpass.getuser(),
        "indicator": indicator,
        "unit": unit,
        "cohort": cohort,
        "purpose": purpose,
        "records": len(records),
        "events": sum(len(record.evidence) for record in records),
    }
    handle = os.open(store.folder / LOG, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(handle, "a", encoding="utf-8") as file:
        file.write(json.dumps(line, ensure_ascii=False) + "\n")
        file.flush()
        os.fsync(file.fileno())
