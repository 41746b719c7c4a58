"""Effect records as append-only versions: the translation run over the touched subjects, and a new row only where something changed."""

from collections.abc import Collection, Sequence
from typing import Protocol

import duckdb
import pyarrow as pa

from pipelines.loading import load
from pipelines.sql_texts import sql


class Translation(Protocol):
    """What the store asks of `outcomes.translation.Translation`."""

    @property
    def milestone_types(self) -> Collection[str]:
        """Event types that some indicator looks at."""
        ...

    @property
    def reads_attributes(self) -> bool:
        """Whether attributes on an event of any type matter."""
        ...

    def statements(self) -> Sequence[str]:
        """Whole SQL texts that read `standing_event` and make `indicator`, `verdict` and `fresh_effect`."""
        ...

    @property
    def clearing(self) -> str:
        """SQL that takes away everything that the statements made."""
        ...


class EffectVersions:
    """Runs the translation inside the batch's transaction."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, translation: Translation) -> None:
        self.connection = connection
        self.translation = translation

    def prepare(self) -> None:
        """Put what the translation looks at where the SQL finds it: an event that it looks at makes its subject due for another look."""
        load(self.connection, "touching_type", pa.table({"type": pa.array(sorted(self.translation.milestone_types), pa.string())}))
        self.connection.execute(sql("effect_hash"))
        load(self.connection, "looked_at", pa.table({"reads_attributes": [self.translation.reads_attributes]}))

    def write_touched(self, batch: int) -> int:
        """Translate the subjects of `touched_subject` and write a version of every record that changed; returns how many."""
        if not self.connection.execute("SELECT count(*) FROM touched_subject").fetchall()[0][0]:
            return 0
        return self._write("scope_touched", batch)

    def write_part(self, batch: int, part: int, n_parts: int) -> int:
        """The same for one part of everybody: subjects whose key leaves the remainder `part` when divided by `n_parts`."""
        numbers = {"n_parts": pa.array([n_parts], pa.uint64()), "part": pa.array([part], pa.uint64())}
        load(self.connection, "rebuild_part", pa.table(numbers))
        return self._write("scope_part", batch)

    def _write(self, scope: str, batch: int) -> int:
        for name in (scope, "timeline"):
            self.connection.execute(sql(name))
        for statement in self.translation.statements():
            self.connection.execute(statement)
        for name in ("effect_current", "effect_gone"):
            self.connection.execute(sql(name))
        written = self.connection.execute(sql("effect_versions"), {"batch": batch}).fetchall()[0][0]
        self.connection.execute(sql("effect_done"))
        self.connection.execute(self.translation.clearing)
        return int(written)
