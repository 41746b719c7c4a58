"""Which persons a publication counts, and what is held about one: what somebody has to know when something leaked, or when a citizen asks.

Persons are keyed pseudonyms. The records are those of the mart's own working tables, as in `explain`. Every look is logged before anything
is given, without whom it was about.
"""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import duckdb

from models.errors import ConfigurationError
from pipelines.audit import Audit, stated
from pipelines.beside_worker import store_file
from pipelines.compare import Version
from pipelines.explain import Looker, working_tables
from pipelines.mart import quoted
from pipelines.snapshot import ANSWERED_WITHIN_S
from pipelines.sql_texts import sql

LISTED, TOLD = "listed_persons_of_version", "told_what_is_held"


@dataclass(frozen=True)
class Counted:
    """How many effect records of a person a publication counts, pending ones too."""

    subject: str
    records: int
    indicators: int


@dataclass(frozen=True)
class Held:
    """What a store holds about one person: events as accepted, effect records as they stand, and how many rejected records name them."""

    subject: str
    events: list[dict[str, Any]]
    effects: list[dict[str, Any]]
    rejected: int

    def as_dict(self) -> dict[str, Any]:
        """For scripts."""
        return asdict(self)


def persons_of(store: Path, version: Version, who: Looker, within_s: float = ANSWERED_WITHIN_S) -> list[Counted]:
    """The persons whose records a publication counts, by pseudonym.

    raises  ConfigurationError for a purpose that is none; StoreBusyError and StoreError as in `publish`; OSError when it cannot be logged
    """
    purpose = stated(who.purpose)
    with working_tables(store, version, None, within_s) as (connection, _, _):
        rows = connection.execute(sql("persons_of_version")).fetchall()
    Audit.beside(store).note(LISTED, who.name, roles=who.roles, purpose=purpose, version=version.name, persons=len(rows))
    return [Counted(*row) for row in rows]


def held_about(store: Path, subject: str, who: Looker, within_s: float = ANSWERED_WITHIN_S) -> Held:
    """Everything the store holds about one person, as it is now.

    raises  ConfigurationError for a purpose that is none, or where nothing is held; otherwise as `persons_of`
    """
    purpose = stated(who.purpose)
    with store_file(store, within_s) as file:
        connection = duckdb.connect()
        try:
            connection.execute(f"ATTACH {quoted(file)} AS store (READ_ONLY); USE store")
            events = _rows(connection, sql("held_events"), subject)
            effects = _rows(connection, sql("held_effects"), subject)
            (rejected,) = connection.execute(sql("held_rejected"), {"subject": subject}).fetchall()[0]
        finally:
            connection.close()
    held = Held(subject, events, effects, rejected)
    Audit.beside(store).note(TOLD, who.name, roles=who.roles, purpose=purpose, events=len(events), effects=len(effects), rejected=rejected)
    if not events and not effects and not rejected:
        raise ConfigurationError(f"nothing is held in {store} about that pseudonym; expected one as events carry it, such as p:k1.0123...")
    return held


def _rows(connection: duckdb.DuckDBPyConnection, statement: str, subject: str) -> list[dict[str, Any]]:
    found = connection.execute(statement, {"subject": subject})
    names = [column[0] for column in found.description or []]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]
