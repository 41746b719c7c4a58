"""The store: one private DuckDB file, one writer, and one transaction that takes a batch from records to effect versions and offsets."""

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType

import duckdb
import pyarrow as pa

from models.catalogue import Catalogue
from models.errors import ConfigurationError
from models.registry import EVENT_TYPES
from outcomes.translation import compile_translation
from pipelines import offsets
from pipelines.admission import Arrivals, admit, let_go
from pipelines.corrections import Amender, Corrections
from pipelines.crashpoints import crashpoint
from pipelines.database import (
    CHECKPOINT_ABOVE_BYTES,
    Resources,
    attach,
    checkpoint,
    clear_errors,
    compact,
    connect,
    log_bytes,
    require_space,
)
from pipelines.erasure import ErasureNotes
from pipelines.intake import Intake
from pipelines.lease import Lease
from pipelines.loading import load
from pipelines.settings_kept import Kept, catalogue_from, catalogue_text, translation_hash
from pipelines.sql_texts import sql
from pipelines.staged import BatchSummary, Staged
from pipelines.tally import COUNTS, Place, Tally
from pipelines.versions import EffectVersions, Translation

ONE_THREAD = Resources(threads=1)
"""A batch is a hundred small statements: two threads of DuckDB took twice the processor time for it, and no less of the clock."""
EFFECTS_AT_ONCE = 200_000
"""Effect versions that are sent on at a time: they are held in memory meanwhile, some 250 bytes each."""
REBUILD_SUBJECTS = 200_000
"""A rebuild takes so many subjects at a time, to stay within memory."""


class Store:
    """A store folder, opened for writing. Use it from one thread at a time; close it, or use it as a context manager.

    rebuild_due   the catalogue translates otherwise than the one that the effects were made with: `rebuild` before anything is committed
    """

    @classmethod
    def open(
        cls,
        folder: Path,
        catalogue: Catalogue | None = None,
        *,
        time_zone: str | None = None,
        resources: Resources | None = None,
        translation: Translation | None = None,
        amender: Amender | None = None,
    ) -> "Store":
        """Open a store, or make one.

        catalogue     none: the one that the store was last used with
        time_zone     of the municipality; none: the catalogue's. A store keeps the one it was made with
        translation, amender   in place of the catalogue's translation and the intake's extraction (tests)
        raises        StoreBusyError when another process has it open; StoreError when it is damaged or cannot be written;
                      ConfigurationError for another time zone, or when a new store is given no catalogue
        """
        folder = Path(folder).absolute()
        lease = Lease(folder, "writer")
        try:
            connection = connect(folder, resources or ONE_THREAD)
            attach(connection, folder, careful=not lease.was_left_in_order)
            return cls(folder, lease, connection, catalogue, time_zone, translation, amender)
        except BaseException:
            lease.release(in_order=lease.was_left_in_order)
            raise

    def __init__(
        self,
        folder: Path,
        lease: Lease,
        connection: duckdb.DuckDBPyConnection,
        catalogue: Catalogue | None,
        time_zone: str | None,
        translation: Translation | None,
        amender: Amender | None,
    ) -> None:
        self.folder, self.connection, self._lease = folder, connection, lease
        self._is_open = True
        self.kept = Kept(connection)
        self.catalogue = catalogue or catalogue_from(self.kept, str(folder))
        self.time_zone = self._agreed_time_zone(time_zone or self.catalogue.municipality.time_zone)
        self.translation: Translation = translation or compile_translation(self.catalogue, EVENT_TYPES)
        self._erasure = ErasureNotes(connection, folder)
        self._corrections = Corrections(connection, amender or extraction(self.time_zone))
        self._versions = EffectVersions(connection, self.translation)
        self._versions.prepare()
        self._rehash_when_due()
        self._positions = offsets.read_positions(connection)
        self._batch = self._value("SELECT coalesce(max(batch), 0) FROM batch")
        self._adopt_catalogue()
        if self.kept.get("compaction_due"):
            self.compact()

    def __enter__(self) -> "Store":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if error is None:
            self.close()
        else:
            # What went wrong is the message that counts; the next one to open the store looks at it with more care.
            self.abandon()

    def offsets(self) -> dict[Place, int]:
        """Where reading of each known partition goes on."""
        return {place: position.next_offset for place, position in self._positions.items()}

    def claim(self) -> None:
        """Raise the epoch of every partition: a process that owned them before can move none of them any more."""
        with self._transaction():
            self.connection.execute("UPDATE feed_offset SET epoch = epoch + 1")
        self._positions = offsets.read_positions(self.connection)

    def commit(self, batch: Iterable[Staged]) -> BatchSummary:
        """Store one batch: its events, what they change in effect records, its quarantine, counters and offsets.

        One transaction: all of it is stored or none. Stretches and heads that were read before change nothing.
        Blocks for the length of the write; call it from the writer's thread only.

        raises  OffsetGapError (records are missing before the batch), StoreFullError (no space: nothing written),
                StoreError (fenced, damaged, out of memory), ConfigurationError (a rebuild is due)
        """
        crashpoint("after_read")
        self._refuse_when_rebuild_is_due()
        new = offsets.guard(batch, self._positions)
        if not new:
            return BatchSummary(self._batch)
        return self._store(new, moves_offsets=True)

    def take_up(self, batch: Iterable[Staged], quarantine_rows: list[int]) -> BatchSummary:
        """Store records that were in quarantine and are well-formed now; their places were read before, so no offset moves.

        quarantine_rows   row ids of these records in `quarantine`: marked as retried, their bytes dropped, counted anew as what they become
        """
        self._refuse_when_rebuild_is_due()
        return self._store(list(batch), moves_offsets=False, retried=quarantine_rows)

    def rebuild(self) -> BatchSummary:
        """Run the translation again over everybody, in one transaction, and remember the catalogue it was done with."""
        number, n_parts = self._batch + 1, self._n_parts()
        with self._transaction():
            effects = sum(self._versions.write_part(number, part, n_parts) for part in range(n_parts))
            self._remember_catalogue()
            self._note_batch(number, Tally(), effects)
            crashpoint("before_commit")
        self._batch, self.rebuild_due = number, False
        self._checkpoint_when_due()
        return BatchSummary(number, effects=effects)

    def changed_effects(self, after_batch: int, about: int = EFFECTS_AT_ONCE) -> pa.Table:
        """Effect versions of the batches that come next after one: columns of `effect`, in order of batch.

        about   whole batches, as many as hold up to so many versions, but at least one with any; ask again for those that follow
        """
        return self.connection.execute(sql("effect_changed"), {"after": after_batch, "about": about}).to_arrow_table()

    def effects_sent_through(self) -> int:
        """The last batch whose effect versions are known to have been sent on; 0 at first."""
        return int(self.kept.get("effects_sent_through") or 0)

    def note_effects_sent(self, batch: int) -> None:
        """Remember that effect versions through this batch have been sent on."""
        with self._transaction():
            self.kept.put("effects_sent_through", str(batch))

    @property
    def erasure(self) -> ErasureNotes:
        """The notes of who was erased."""
        return self._erasure

    def take_over_erasures(self, notes: Iterable[str]) -> None:
        """Remember notes made by a later copy of this store: records of these subjects are turned away from now on."""
        with self._transaction():
            self._erasure.take_over(notes, self._batch)

    def forget_rejected(self, before: dt.datetime) -> None:
        """Forget what rejected records stored before an instant (UTC) said; the file is built anew when it next closes."""
        with self._transaction():
            self.connection.execute(sql("quarantine_expire"), {"before": before})
            self.kept.put("compaction_due", "1")

    def checkpoint(self) -> None:
        """Merge the log into the file now, so that a copy of the file is the whole store."""
        checkpoint(self.connection, self.folder)

    def compact(self) -> None:
        """Build the file anew: after an erasure no deleted row may stay in it byte for byte."""
        with self._transaction():
            self.kept.drop("compaction_due")
        compact(self.connection, self.folder)

    def close(self) -> None:
        """Compact if an erasure asks for it, checkpoint, let go of the store. Doing it twice is harmless."""
        if self._is_open:
            try:
                if self.kept.get("compaction_due"):
                    self.compact()
                self.checkpoint()
            except BaseException:
                self.abandon()
                raise
            self._is_open = False
            self.connection.close()
            self._lease.release()

    def abandon(self) -> None:
        """Let go of the store as it is, after a fault: what is committed is in its log, and the next to open it is told to be careful."""
        if self._is_open:
            self._is_open = False
            with suppress(duckdb.Error):
                self.connection.close()
            self._lease.release(in_order=False)

    def _store(self, new: list[Staged], *, moves_offsets: bool, retried: Iterable[int] = ()) -> BatchSummary:
        require_space(self.folder, sum(stretch.events.nbytes + stretch.quarantined.nbytes for stretch in new))
        number, tally = self._batch + 1, Tally()
        with self._transaction():
            crashpoint("after_begin")
            positions = offsets.introduce(self.connection, new, self._positions)
            self._mark_retried(list(retried), tally)
            arrivals, erased = self._arrivals(new, tally)
            if erased:
                self._erasure.erase(erased, number, tally)
            else:
                self._erasure.erase_nothing()
            displaced = admit(self.connection, arrivals, number, tally)
            self._correct(tally)
            let_go(self.connection)
            crashpoint("after_corrections")
            effects = self._versions.write_touched(number)
            crashpoint("after_effects")
            self._write_dropped(new, number)
            moved = offsets.move(self.connection, new, positions) if moves_offsets else {}
            crashpoint("after_offsets")
            tally.apply(self.connection)
            self._note_batch(number, tally, effects)
            crashpoint("before_commit")
        crashpoint("after_commit")
        self._positions = positions | moved
        self._batch = number
        self._checkpoint_when_due()
        return _summary(number, arrivals, tally, displaced, effects)

    def _arrivals(self, new: list[Staged], tally: Tally) -> tuple[Arrivals, list[str]]:
        events = pa.concat_tables([stretch.events for stretch in new], promote_options="permissive")
        rejected = pa.concat_tables([stretch.quarantined for stretch in new], promote_options="permissive")
        events, rejected, erased = self._erasure.turn_away(events, rejected, tally)
        return Arrivals(events, rejected), erased

    def _correct(self, tally: Tally) -> None:
        """Subjects that the batch's events touch; then whatever corrections and erasures change, which may touch more."""
        self.connection.execute(sql("admit_touched"))
        if not self._corrections.concerned():
            return
        self._corrections.register()
        self._erasure.hide_corrections()
        self._corrections.apply(tally)

    def _mark_retried(self, rows: list[int], tally: Tally) -> None:
        if not rows:
            return
        load(self.connection, "retried_record", pa.table({"row_id": pa.array(rows, pa.int64())}))
        counted = "SELECT feed, part, count(*) FROM quarantine WHERE rowid IN (SELECT row_id FROM retried_record) GROUP BY feed, part"
        tally.uncount_rows(self.connection.execute(counted).fetchall(), "quarantined")
        self.connection.execute("UPDATE quarantine SET retried = true, raw = NULL WHERE rowid IN (SELECT row_id FROM retried_record)")

    def _write_dropped(self, new: list[Staged], number: int) -> None:
        counts: Counter[tuple[str, str]] = Counter()
        for stretch in new:
            for kind, name, n in stretch.dropped:
                counts[(kind, name)] += n
        if counts:
            rows = [(number, kind, name, n) for (kind, name), n in sorted(counts.items())]
            self.connection.executemany("INSERT INTO dropped_field VALUES (?, ?, ?, ?)", rows)

    def _note_batch(self, number: int, tally: Tally, effects: int) -> None:
        own = tally.own
        self.connection.execute(
            "INSERT INTO batch VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            [number, dt.datetime.now(dt.UTC).replace(tzinfo=None), *(own[count] for count in COUNTS), effects],
        )

    def _n_parts(self) -> int:
        return 1 + self._value("SELECT approx_count_distinct(subject_key) FROM event") // REBUILD_SUBJECTS

    def _rehash_when_due(self) -> None:
        """Another DuckDB may hash otherwise: then no record would look as it did."""
        if self.kept.get("hashed_by") != duckdb.__version__:
            with self._transaction():
                self.connection.execute(sql("effect_rehash"))
                self.kept.put("hashed_by", duckdb.__version__)

    def _adopt_catalogue(self) -> None:
        """Take the catalogue over while nothing depends on the old one; else say that a rebuild is due."""
        same = self.kept.get("translation_hash") == translation_hash(self.translation)
        self.rebuild_due = not same and bool(self._value("SELECT count(*) FROM event"))
        if not self.rebuild_due and self.kept.get("catalogue") != catalogue_text(self.catalogue):
            with self._transaction():
                self._remember_catalogue()

    def _remember_catalogue(self) -> None:
        self.kept.put("catalogue", catalogue_text(self.catalogue))
        self.kept.put("definition_hash", self.catalogue.definition_hash)
        self.kept.put("translation_hash", translation_hash(self.translation))
        self.kept.put("time_zone", self.time_zone)

    def _agreed_time_zone(self, wanted: str) -> str:
        kept = self.kept.get("time_zone")
        if kept is not None and kept != wanted:
            raise ConfigurationError(
                f"the store {self.folder} was made in the time zone {kept}, but {wanted} is asked for: dates would not fit together;"
                " use the store's time zone, or replay the feeds into a new store"
            )
        return wanted

    def _refuse_when_rebuild_is_due(self) -> None:
        if self.rebuild_due:
            raise ConfigurationError(
                f"the catalogue defines other indicators than the effects in the store {self.folder} were made with:"
                " run `kerneeffekt rebuild` with this catalogue first"
            )

    def _checkpoint_when_due(self) -> None:
        if log_bytes(self.folder) > CHECKPOINT_ABOVE_BYTES:
            self.checkpoint()

    def _value(self, query: str) -> int:
        return int(self.connection.execute(query).fetchall()[0][0])

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        with clear_errors(self.folder):
            self.connection.execute("BEGIN")
            try:
                yield
                self.connection.execute("COMMIT")
            except BaseException:
                # After a failed COMMIT or a fatal error no transaction is open any more; what it did is gone either way.
                with suppress(duckdb.Error):
                    self.connection.execute("ROLLBACK")
                raise


def _summary(number: int, arrivals: Arrivals, tally: Tally, displaced: int, effects: int) -> BatchSummary:
    own = tally.own
    classes = Counter(arrivals.rejected["class"].to_pylist())
    classes["conflict"] += own["quarantined"] - arrivals.rejected.num_rows
    by_class = tuple(sorted((name, n) for name, n in classes.items() if n))
    return BatchSummary(
        number, own["received"], own["accepted"], own["duplicates"], own["quarantined"], own["erased"], displaced, effects, by_class
    )


def extraction(time_zone: str) -> Amender:
    """The intake's extraction, made when the first correction asks for it."""
    made: list[Intake] = []

    def amend(targets: pa.Table, replacements: list[str]) -> tuple[pa.Table, list[bool]]:
        if not made:
            made.append(Intake(time_zone, threads=1))
        rows, faults = made[0].amended(targets, replacements)
        return rows, [not fault for fault in faults]

    return amend
