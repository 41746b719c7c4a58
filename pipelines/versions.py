"""Effect records as append-only versions: the translation run over the touched subjects, and a new row only where something changed."""

from collections.abc import Iterable
from typing import Protocol

import duckdb
import pyarrow as pa

from models.registry import EVENT_TYPES
from pipelines.loading import load
from pipelines.sql_texts import sql


class Translation(Protocol):
    """What the store asks of `outcomes.translation.Translation`."""

    def statements(self, scope: str) -> Iterable[str]:
        """Whole SQL texts that read `standing_event` and `touched_subject` and fill the temporary table `fresh_effect`."""
        ...


TIMELINE_ROLES = ("milestone", "experience")


def touching_types(translation: Translation) -> list[str]:
    """Event types that the translation reads: an event of one of these makes its subject's effect records due for another look.

    Milestones and experiences, and whatever else the catalogue's indicators name (`translation.reads`), so that what an indicator sees
    and what makes it look are the same, and the order of arrival does not matter.
    """
    named: Iterable[str] = getattr(translation, "reads", ())
    return sorted({name for name, kind in EVENT_TYPES.items() if kind.role in TIMELINE_ROLES} | set(named))


class EffectVersions:
    """Runs the translation inside the batch's transaction."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, translation: Translation) -> None:
        self.connection = connection
        self.translation = translation

    def prepare(self) -> None:
        """Put the event types that touch a subject where the SQL finds them."""
        load(self.connection, "touching_type", pa.table({"type": pa.array(touching_types(self.translation), pa.string())}))

    def write(self, batch: int, scope: str = "touched") -> int:
        """Translate `touched_subject` and write a version of every record that changed; returns how many."""
        if not self.connection.execute("SELECT count(*) FROM touched_subject").fetchall()[0][0]:
            return 0
        self.connection.execute(sql("timeline"))
        for statement in self.translation.statements(scope):
            self.connection.execute(statement)
        self.connection.execute(sql("effect_current"))
        written = self.connection.execute(sql("effect_versions"), {"batch": batch}).fetchall()[0][0]
        self.connection.execute("DROP TABLE temp.standing_event; DROP TABLE temp.current_effect")
        return int(written)
