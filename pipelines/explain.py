"""From a published figure back to its evidence: the effect records that it counts, and the pseudonymised events that prove each.

The records are those of the mart's own working tables, for the day, the state of knowledge and the definitions of the publication, so what
is shown here is what was counted there. Where it is not (somebody was erased since), that is said. Every look is logged before anything is
given.
"""

import datetime as dt
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

import duckdb

from models.catalogue import Catalogue
from models.errors import ConfigurationError
from pipelines.audit import Audit, stated
from pipelines.beside_worker import store_file
from pipelines.compare import Version
from pipelines.database import FILE
from pipelines.known_at import fill_as_known, workshop
from pipelines.mart import opened_records, quoted
from pipelines.publish import MART_FILE
from pipelines.settings_kept import Kept, catalogue_from
from pipelines.snapshot import ANSWERED_WITHIN_S
from pipelines.sql_texts import sql

LOOKED = "looked_behind_figure"
PAGE, MOST_RECORDS = 50, 1_000
COUNTED = ("cohort_size", "pending", "matured", "achieved", "not_achieved", "competing", "censored", "unmeasured")
"""Columns of `effect_by_unit` that the records are held against."""

_COHORT = re.compile(r"(?P<year>\d{4})(?:-(?:Q(?P<quarter>[1-4])|H(?P<half>[12])|(?P<month>0[1-9]|1[0-2])))?")


Opened = tuple[duckdb.DuckDBPyConnection, Catalogue, dt.date]
"""Working tables, the definitions they were made by, and the day they show."""


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

    @property
    def place(self) -> str:
        """Where it was read: topic, partition and offset, or file and line."""
        if self.feed.startswith("file:"):
            return f"{self.feed.removeprefix('file:')}, line {self.offset + 1}"
        return f"{self.feed}[{self.part}]@{self.offset}"


@dataclass(frozen=True)
class ExplainedRecord:
    """One effect record behind a figure. `subject` is a keyed pseudonym; there is no way back from it in this product.

    counted_as   what the figure counts it as: its outcome, or pending while the answer is not due
    """

    subject: str
    indicator_version: int
    index_on: dt.date
    unit_id: str | None
    counted_as: str
    outcome: str
    decided_on: dt.date
    resolves_on: dt.date
    known_from: dt.datetime
    version: int
    evidence: list[Evidence]

    def as_dict(self) -> dict[str, Any]:
        """For scripts."""
        return asdict(self) | {"evidence": [asdict(event) | {"place": event.place} for event in self.evidence]}


@dataclass(frozen=True)
class Figure:
    """Which figure: indicator, unit (`(all)`: everywhere) and cohort (2024, 2024-H1, 2024-Q1, 2024-03, all)."""

    indicator: str
    unit: str
    cohort: str


@dataclass(frozen=True)
class Look:
    """What lies behind a figure.

    counts     of all its records, by the columns of `effect_by_unit`
    reported   there are no persons behind it: the records are the totals that sources reported
    published  the same columns as the publication shows them (None: hidden there); empty without a publication
    records    those asked for, from `offset` on
    """

    figure: Figure
    version: str | None
    as_of: dt.date
    known_at: str | None
    counts: dict[str, int]
    published: dict[str, Any]
    offset: int
    records: list[ExplainedRecord]
    reported: bool = False

    @property
    def total(self) -> int:
        """How many records the figure counts."""
        return self.counts["cohort_size"]

    @property
    def differing(self) -> list[str]:
        """Columns in which the records are not what was published; empty: they agree."""
        if self.reported:
            return []
        return [name for name in COUNTED if self.published.get(name) not in (None, self.counts[name])]

    def as_dict(self) -> dict[str, Any]:
        """For scripts."""
        return asdict(self) | {"differing": self.differing, "records": [record.as_dict() for record in self.records]}


@dataclass(frozen=True)
class Looker:
    """Who looks, as what, and why."""

    name: str
    purpose: str
    roles: tuple[str, ...] = ()


def explain(
    store: Path,
    figure: Figure,
    who: Looker,
    *,
    version: Version | None = None,
    as_of: dt.date | None = None,
    limit: int = PAGE,
    offset: int = 0,
    within_s: float = ANSWERED_WITHIN_S,
) -> Look:
    """The records behind a figure and their events, after the look has been logged in the store's folder.

    within_s  how long a running worker may take to give a copy of its store
    version   the publication that shows the figure; None: the store as it is now, on the day `as_of` (none: today)
    raises    ConfigurationError for a cohort that is none, an indicator that is not defined, a purpose that is none;
              StoreBusyError and StoreError as in `publish`; OSError when the look cannot be logged: then nothing is shown
    """
    purpose = stated(who.purpose)
    first, last = cohort_days(figure.cohort)
    published = _published(version, figure) if version else {}
    with working_tables(store, version, as_of, within_s) as (connection, catalogue, day):
        asked = {"indicator": figure.indicator, "unit": figure.unit, "first": first, "last": last}
        reported = _gather(connection, catalogue, figure, asked, day)
        counts = _counts(connection)
        rows = connection.execute(sql("explain"), {"limit": min(limit, MOST_RECORDS), "offset": offset}).fetchall()
    look = Look(
        figure, version.name if version else None, day, version.manifest.get("known_at") if version else None, counts, published, offset,
        [_record(*row) for row in rows], reported,
    )  # fmt: skip
    Audit.beside(store).note(LOOKED, who.name, roles=who.roles, purpose=purpose, **_logged(look))
    return look


def cohort_days(cohort: str) -> tuple[dt.date, dt.date]:
    """First and last index day of a cohort named as in the published tables; ConfigurationError when it is not one."""
    if cohort == "all":
        return dt.date.min, dt.date.max
    found = _COHORT.fullmatch(cohort)
    if found is None or found["year"] in ("0000", "9999"):
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


@contextmanager
def working_tables(store: Path, version: Version | None, as_of: dt.date | None, within_s: float) -> Iterator[Opened]:
    """The mart's working tables in the state of a publication, or of now."""
    with store_file(store, within_s) as file, workshop(store) as folder:
        catalogue = (version.catalogue if version else None) or _kept_catalogue(file)
        day = version.as_of if version else as_of or dt.datetime.now(dt.UTC).date()
        through: int | None = None
        if version and version.manifest.get("known_at"):
            fill_as_known(file, folder / FILE, catalogue, version.known)
            file = folder / FILE
        elif version:
            # Effect records are versions by batch: those up to the publication's last batch are what it counted.
            through = int(version.manifest["last_batch"])
        with opened_records(file, catalogue, day, folder, through_batch=through) as connection:
            yield connection, catalogue, day


def _kept_catalogue(file: Path) -> Catalogue:
    connection = duckdb.connect()
    try:
        connection.execute(f"ATTACH {quoted(file)} AS store (READ_ONLY); USE store")
        return catalogue_from(Kept(connection), str(file.parent))
    finally:
        connection.close()


def _gather(connection: duckdb.DuckDBPyConnection, catalogue: Catalogue, figure: Figure, asked: dict[str, Any], as_of: dt.date) -> bool:
    """Make `explained`: the records, or for an indicator without persons behind it (then true) the reports."""
    known = {indicator.id: indicator for _, indicator in catalogue.indicators()}
    if figure.indicator not in known:
        raise ConfigurationError(f"there is no indicator {figure.indicator!r}; there are: {', '.join(known) or 'none yet'}")
    reported = bool(known[figure.indicator].kind == "reported")
    if reported:
        connection.execute(sql("explain_reports"), asked | {"as_of": as_of})
    else:
        connection.execute(sql("explain_records"), asked | {"version": known[figure.indicator].version})
    return reported


def _counts(connection: duckdb.DuckDBPyConnection) -> dict[str, int]:
    classes = Counter(dict(connection.execute("SELECT class, count(*) FROM explained GROUP BY ALL").fetchall()))
    size = sum(classes.values())
    return {name: {"cohort_size": size, "matured": size - classes["pending"]}.get(name, classes[name]) for name in COUNTED}


def _published(version: Version, figure: Figure) -> dict[str, Any]:
    """The figure's row in the publication; ConfigurationError when it shows no such figure."""
    connection = duckdb.connect()
    try:
        connection.execute(f"ATTACH {quoted(version.folder / MART_FILE)} AS mart (READ_ONLY)")
        result = connection.execute(sql("explain_figure"), [figure.indicator, figure.unit, figure.cohort])
        names, row = [column[0] for column in result.description or []], result.fetchone()
    finally:
        connection.close()
    if row is None:
        raise ConfigurationError(
            f"version {version.name} shows no figure of this indicator, unit and cohort: see effect_by_unit for those it shows"
        )
    return dict(zip(names, row, strict=True))


def _record(*columns: Any) -> ExplainedRecord:
    row = dict(zip((field.name for field in fields(ExplainedRecord)), columns, strict=True))
    return ExplainedRecord(**row | {"evidence": [Evidence(**event) for event in row["evidence"]]})


def _logged(look: Look) -> dict[str, Any]:
    """What the log keeps of a look: enough to see again what was shown, and nobody's pseudonym."""
    return {
        **asdict(look.figure),
        "version": look.version,
        "as_of": look.as_of.isoformat(),
        "total": look.total,
        "offset": look.offset,
        "records": len(look.records),
        "events": sum(len(record.evidence) for record in look.records),
    }
