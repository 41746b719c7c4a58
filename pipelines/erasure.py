"""Erasure: nothing about a subject stays but a note, a keyed hash, that lets later records about it be turned away.

The key is made once per store and lies beside it, readable by its owner only; without it the notes say nothing about whom they concern.
"""

import hashlib
import hmac
import os
import re
import secrets
from collections.abc import Iterable
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from models.errors import StoreError
from pipelines.loading import load
from pipelines.sql_texts import sql
from pipelines.tally import Tally

ERASURE_TYPE = "privacy.subject_erased"
_KEY_BYTES = 32
_BLOCK = 64
_SUBJECT = re.compile(rb"(?:p:(?:[a-z0-9]{1,8}\.)?[0-9a-fA-F]{8,64}|[ch]:[A-Za-z0-9._:-]{1,198})")
_ESCAPE = re.compile(rb"\\u00([0-7][0-9a-fA-F])")


class ErasureNotes:
    """The subjects that were erased, as keyed hashes, and the steps that erase more."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, folder: Path) -> None:
        self.connection = connection
        self.key = _key(folder / "erasure.key", self._n_notes() > 0)
        block = self.key.ljust(_BLOCK, b"\0")
        self._pads = {"outer": bytes(b ^ 0x5C for b in block), "inner": bytes(b ^ 0x36 for b in block)}

    def note(self, subject: str) -> str:
        """HMAC-SHA256 of a subject under the store's key, hexadecimal."""
        return hmac.new(self.key, subject.encode(), hashlib.sha256).hexdigest()

    def turn_away(self, events: pa.Table, rejected: pa.Table, tally: Tally) -> tuple[pa.Table, pa.Table, list[str]]:
        """Take records about erased subjects out of a batch and count them as erased.

        returns the events and rejected records that are left, and the subjects that this batch erases for the first time.
        """
        orders = pc.equal(events["type"], ERASURE_TYPE)
        asked = sorted(set(events.filter(orders)["subject"].to_pylist()))
        noted = {hash_ for (hash_,) in self.connection.execute("SELECT subject_hash FROM erasure").fetchall()}
        if not asked and not noted:
            return events, rejected, []
        new = [subject for subject in asked if self.note(subject) not in noted]
        gone = pc.or_(orders, self._is_erased(events["subject"], asked))
        hidden = pa.array(self._names_erased(rejected, noted | {self.note(subject) for subject in asked}), pa.bool_())
        for table, mask in ((events, gone), (rejected, hidden)):
            rows = _per_partition(table.filter(mask))
            tally.add_rows(rows, "received")
            tally.add_rows(rows, "erased")
        return events.filter(pc.invert(gone)), rejected.filter(pc.invert(hidden)), new

    def erase(self, subjects: list[str], batch: int, tally: Tally) -> None:
        """Delete what the store holds about subjects and note that it did.

        Leaves `erased_event` (event_key), `lost_target` (target_key of erased corrections) and `promoted` for the steps that follow.
        """
        named = pa.table({"subject": pa.array(subjects, pa.string()), "subject_hash": [self.note(subject) for subject in subjects]})
        load(self.connection, "erase_subject", named)
        self.connection.execute(sql("erase_collect"))
        tally.move_rows(self._rows("SELECT feed, part, count(*) FROM erased_event GROUP BY ALL"), "accepted", "erased")
        self._erase_quarantine(subjects, tally)
        self.connection.execute(sql("erase_delete"))
        self.connection.execute("INSERT INTO erasure SELECT subject_hash, ? FROM erase_subject", [batch])
        self.connection.execute("DELETE FROM meta WHERE key = 'compaction_due'")
        self.connection.execute("INSERT INTO meta VALUES ('compaction_due', '1')")
        self._promote_losers(batch, tally)

    def erase_nothing(self) -> None:
        """Leave the same tables, empty."""
        self.connection.execute(sql("erase_nothing"))

    def noted(self) -> list[str]:
        """The notes: a keyed hash for each erased subject, sorted."""
        return [note for (note,) in self.connection.execute("SELECT DISTINCT subject_hash FROM erasure ORDER BY 1").fetchall()]

    @property
    def key_id(self) -> str:
        """Names the key without giving it away: notes made under another key mean nothing here."""
        return key_id(self.key)

    def present(self, notes: Iterable[str]) -> list[str]:
        """Subjects of which the store holds something, though a note says that they were erased; sorted."""
        load(self.connection, "wanted_note", pa.table({"subject_hash": pa.array(sorted(notes), pa.string())}))
        found = self.connection.execute(sql("erase_present"), self._pads).fetchall()
        named = self.connection.execute("SELECT raw FROM quarantine WHERE raw IS NOT NULL").fetchall()
        wanted = set(notes)
        in_quarantine = {name for (raw,) in named for name in subjects_in(raw) if self.note(name) in wanted}
        return sorted({subject for (subject,) in found} | in_quarantine)

    def take_over(self, notes: Iterable[str], batch: int) -> None:
        """Remember notes made by another copy of this store."""
        rows = sorted(set(notes) - set(self.noted()))
        if rows:
            self.connection.executemany("INSERT INTO erasure VALUES (?, ?)", [(note, batch) for note in rows])

    def hide_corrections(self) -> None:
        """Turn corrections that say something about an erased subject into plain retractions of their targets.

        What they corrected was said of somebody wrongly, so it must not come back; what they put instead must go.
        Adds their targets to `changed_target`. Does nothing while nobody was erased.
        """
        if not self._n_notes():
            return
        self.connection.execute(sql("erase_find_hidden"), self._pads)
        self.connection.execute(sql("erase_hide"))

    def _promote_losers(self, batch: int, tally: Tally) -> None:
        # Had the erased record come later, the best of those it won against would stand: the order of arrival must not matter.
        self.connection.execute(sql("erase_promote"))
        tally.move_rows(self._rows("SELECT feed, part, count(*) FROM promoted GROUP BY ALL"), "quarantined", "accepted")
        self.connection.execute("INSERT INTO event BY NAME SELECT * EXCLUDE (row_id), $batch AS batch FROM promoted", {"batch": batch})

    def _n_notes(self) -> int:
        return int(self.connection.execute("SELECT count(*) FROM erasure").fetchall()[0][0])

    def _rows(self, query: str) -> list[tuple[str, int, int]]:
        """Rows of (feed, part, n)."""
        rows: list[tuple[str, int, int]] = self.connection.execute(query).fetchall()
        return rows

    def _is_erased(self, subjects: pa.ChunkedArray, asked: Iterable[str]) -> pa.ChunkedArray:
        """One truth value per row; hashed once per distinct subject, by DuckDB."""
        load(self.connection, "distinct_subject", pa.table({"subject": pc.unique(subjects)}))
        found = self.connection.execute(
            "SELECT subject FROM distinct_subject SEMI JOIN erasure e ON e.subject_hash ="
            " sha256($outer::BLOB || unhex(sha256($inner::BLOB || encode(subject))))",
            self._pads,
        ).fetchall()
        return pc.is_in(subjects, pa.array([*(subject for (subject,) in found), *asked], pa.string()))

    def _names_erased(self, rejected: pa.Table, notes: set[str]) -> list[bool]:
        return [any(self.note(name) in notes for name in subjects_in(raw)) for raw in rejected["raw"].to_pylist()]

    def _erase_quarantine(self, subjects: list[str], tally: Tally) -> None:
        wanted = set(subjects)
        rows = self.connection.execute(
            "SELECT rowid, raw, subject_key IN (SELECT md5_number_lower(subject) FROM erase_subject) FROM quarantine"
        ).fetchall()
        doomed = [rowid for rowid, raw, named in rows if named or not wanted.isdisjoint(subjects_in(raw))]
        load(self.connection, "doomed_record", pa.table({"row_id": pa.array(doomed, pa.int64())}))
        doomed_rows = "rowid IN (SELECT row_id FROM doomed_record)"
        counted = f"SELECT feed, part, count(*) FROM quarantine WHERE NOT retried AND {doomed_rows} GROUP BY feed, part"  # noqa: S608
        tally.move_rows(self._rows(counted), "quarantined", "erased")
        self.connection.execute(
            "DELETE FROM correction WHERE invalid AND event_key IN"
            " (SELECT event_key FROM quarantine WHERE class = 'payload' AND rowid IN (SELECT row_id FROM doomed_record))"
        )
        self.connection.execute("DELETE FROM quarantine WHERE rowid IN (SELECT row_id FROM doomed_record)")


def key_id(key: bytes) -> str:
    """Names an erasure key without giving it away."""
    return hashlib.sha256(b"kerneeffekt erasure key" + key).hexdigest()[:16]


def subjects_in(raw: bytes | None) -> set[str]:
    """Everything in a record's bytes that is written like a subject, also where letters are escaped."""
    if not raw:
        return set()
    plain = _ESCAPE.sub(lambda match: bytes([int(match[1], 16)]), raw) if b"\\u" in raw else raw
    return {found.decode() for found in _SUBJECT.findall(plain)}


def _per_partition(table: pa.Table) -> list[tuple[str, int, int]]:
    counted = table.group_by(["feed", "part"]).aggregate([([], "count_all")])
    return list(zip(counted["feed"].to_pylist(), counted["part"].to_pylist(), counted["count_all"].to_pylist(), strict=True))


def _key(path: Path, notes_exist: bool) -> bytes:
    """The store's erasure key, made when there is none.

    raises StoreError when notes exist that were made under a lost or damaged key: records of erased subjects could come back unnoticed.
    """
    key = path.read_bytes() if path.exists() else b""
    if len(key) == _KEY_BYTES:
        return key
    if notes_exist:
        raise StoreError(f"{path} is missing or damaged, but the store holds notes of erased subjects made with it; restore it from a copy")
    key = secrets.token_bytes(_KEY_BYTES)
    unfinished = path.with_suffix(".new")
    handle = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(key)
        file.flush()
        os.fsync(file.fileno())
    os.replace(unfinished, path)
    return key
