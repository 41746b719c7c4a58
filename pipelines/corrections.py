"""Corrections in the store: which targets a batch concerns, what stands of them, and the derived tables that say so."""

from collections.abc import Callable, Sequence

import duckdb
import pyarrow as pa

from pipelines.loading import load
from pipelines.resolution import Correction, Rewritten, Standing, resolve
from pipelines.sql_texts import sql
from pipelines.tally import Tally

Amender = Callable[[pa.Table, list[str]], tuple[pa.Table, list[bool]]]
"""Applies replacements (JSON texts) to event rows of the same number and order, by the same extraction as for any event.

The targets come with the correction's `recorded_at`, since what a replacement says counts from then.
returns for each target whether the replacement fits its type, and for each that does one row in the columns of `event` (without batch), in
order.
"""

_LOAD = """
SELECT c.event_key, c.target_key, c.recorded_at, c.content_hash, c.other_target_key,
    CASE WHEN c.type = 'correction.event_replaced' THEN json_extract(c.fields, '$.replacement')::VARCHAR END AS replacement
FROM correction c SEMI JOIN affected a USING (event_key)
"""


class Corrections:
    """Resolves what the corrections of a batch change."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, amender: Amender) -> None:
        self.connection = connection
        self.amender = amender

    def concerned(self) -> bool:
        """Whether this batch can change what stands: it brings a correction, or the store has corrections at all."""
        self.connection.execute(
            "CREATE OR REPLACE TEMP TABLE new_correction AS"
            " SELECT a.event_key FROM arriving_row a ANTI JOIN refused r USING (pos) WHERE starts_with(a.type, 'correction.')"
            " UNION ALL SELECT event_key FROM promoted WHERE starts_with(type, 'correction.')"
        )
        return bool(
            self._value(
                "SELECT (SELECT count(*) FROM new_correction) + (SELECT count(*) FROM correction) + (SELECT count(*) FROM lost_target)"
            )
        )

    def register(self) -> None:
        """Take up new corrections, and find the targets whose standing may have changed."""
        self.connection.execute(sql("correct_register"))

    def apply(self, tally: Tally) -> None:
        """Resolve the changed targets with everything tied to them; rewrite the derived tables; add to the touched subjects."""
        self.connection.execute(
            "CREATE OR REPLACE TEMP TABLE affected AS SELECT DISTINCT event_key FROM changed_target WHERE event_key IS NOT NULL"
        )
        if not self._value("SELECT count(*) FROM affected"):
            return
        while self.connection.execute(sql("correct_spread")).fetchall()[0][0]:
            pass
        self.connection.execute(sql("correct_targets"))
        loaded = self.connection.execute(_LOAD).fetchall()
        corrections = [Correction(key, target, at, hash_, text, other) for key, target, at, hash_, other, text in loaded]
        present = {key for (key,) in self.connection.execute("SELECT event_key FROM target_row").fetchall()}
        self._rows: list[pa.Table] = []
        standings, misfits = resolve(corrections, present, self._amend)
        self._write(standings)
        self._move_misfits(corrections, misfits, tally)

    def _amend(self, pairs: Sequence[tuple[int, Correction]]) -> list[Rewritten | None]:
        wanted = {
            "event_key": pa.array([target for target, _ in pairs], pa.uint64()),
            "corrected_at": pa.array([correction.recorded_at for _, correction in pairs], pa.timestamp("us")),
            "nth": pa.array(range(len(pairs)), pa.int64()),
        }
        load(self.connection, "pair", pa.table(wanted))
        targets = self.connection.execute(
            "SELECT t.* EXCLUDE (batch) REPLACE (p.corrected_at AS recorded_at) FROM pair p JOIN target_row t USING (event_key)"
            " ORDER BY p.nth"
        ).to_arrow_table()
        rows, fits = self.amender(targets, [correction.replacement or "{}" for _, correction in pairs])
        said = self._as_corrections(rows)
        before = sum(table.num_rows for table in self._rows)
        self._rows.append(rows)
        numbers = iter(range(rows.num_rows))
        return [_rewritten(next(numbers), before, said) if fit else None for fit in fits]

    def _as_corrections(self, rows: pa.Table) -> dict[int, Correction]:
        """What rewritten rows say that are corrections themselves."""
        if not any(kind.startswith("correction.") for kind in rows["type"].to_pylist()):
            return {}
        load(self.connection, "rewritten", rows.append_column("nth", pa.array(range(rows.num_rows))))
        found = self.connection.execute(
            "SELECT nth, event_key, md5_number_lower(json_extract_string(fields, '$.target_source') || chr(31)"
            " || json_extract_string(fields, '$.target_id')), recorded_at, content_hash,"
            " CASE WHEN type = 'correction.event_replaced' THEN json_extract(fields, '$.replacement')::VARCHAR END"
            " FROM rewritten WHERE starts_with(type, 'correction.')"
        ).fetchall()
        return {nth: Correction(key, target, at, hash_, replacement) for nth, key, target, at, hash_, replacement in found}

    def _write(self, standings: list[Standing]) -> None:
        resolved = pa.table(
            {
                "target_key": pa.array([s.target for s in standings], pa.uint64()),
                "verdict": pa.array([s.verdict for s in standings], pa.string()),
                "correction_key": pa.array([s.correction.key for s in standings], pa.uint64()),
                "recorded_at": pa.array([s.correction.recorded_at for s in standings], pa.timestamp("us")),
                "row_no": pa.array([s.row for s in standings], pa.int64()),
            }
        )
        load(self.connection, "resolved", resolved)
        load(self.connection, "amended_row", self._amended_rows({s.row for s in standings if s.row is not None}))
        self.connection.execute(sql("correct_write"))

    def _amended_rows(self, wanted: set[int]) -> pa.Table:
        if not self._rows:
            empty = self.connection.execute("SELECT * EXCLUDE (batch), 0::BIGINT AS row_no FROM event LIMIT 0")
            return empty.to_arrow_table()
        rows = pa.concat_tables(self._rows)
        numbers = pa.array(range(rows.num_rows), pa.int64())
        return rows.append_column("row_no", numbers).take(pa.array(sorted(wanted), pa.int64()))

    def _move_misfits(self, corrections: list[Correction], misfits: set[int], tally: Tally) -> None:
        keys = [correction.key for correction in corrections]
        flags = pa.table({"event_key": pa.array(keys, pa.uint64()), "invalid": pa.array([key in misfits for key in keys], pa.bool_())})
        load(self.connection, "misfit", flags)
        self.connection.execute(sql("correct_misfits"))
        moved = "SELECT feed, part, count(*) FROM moved_correction WHERE invalid = ? GROUP BY feed, part"
        tally.move_rows(self.connection.execute(moved, [True]).fetchall(), "accepted", "quarantined")
        tally.move_rows(self.connection.execute(moved, [False]).fetchall(), "quarantined", "accepted")

    def _value(self, query: str) -> int:
        return int(self.connection.execute(query).fetchall()[0][0])


def _rewritten(number: int, before: int, said: dict[int, Correction]) -> Rewritten:
    return Rewritten(before + number, said.get(number))
