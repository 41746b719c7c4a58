"""Quarantine listed, shown and taken up again."""

from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pytest

from models.errors import ConfigurationError
from pipelines.invariants import violations
from pipelines.known_at import fill_as_known
from pipelines.quarantine import count_by_class, list_rejected, retry, show
from pipelines.staged import Staged
from tests.store_factories import (
    CATALOGUE,
    DAY_0,
    FEED,
    SmallTranslation,
    amend,
    bad,
    correction,
    counts,
    current,
    event,
    open_store,
    staged,
)

WORK = "employment.placement_started"


class MendedReader:
    """A model that was mended: knows what `found` means now, and still nothing of other bytes."""

    def read(self, feed: str, part: int, first_offset: int, values: Sequence[bytes | None], offsets: Sequence[int] | None = None) -> Staged:
        assert offsets is not None
        whole = staged([event("2", WORK, day=3) if value == b"found" else bad(value or b"") for value in values], 0, feed, part)
        places = dict(enumerate(offsets))
        moved = [
            table.set_column(
                table.column_names.index("offset"),
                table.field("offset"),
                pa.array([places[n] for n in table["offset"].to_pylist()], pa.int64()),
            )
            for table in (whole.events, whole.quarantined)
        ]
        return Staged(feed, part, offsets[0], offsets[-1] + 1, *moved)


def test_what_is_well_formed_now_is_taken_up_once(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        records = [event("1"), bad(b"found", "unknown_type"), bad(b"worse"), bad(b"found", "unknown_type"), bad(b"1", "personal_number")]
        store.commit([staged([*records, event("1", unit="u2", recorded=5)])])
        assert count_by_class(store) == {"conflict": 1, "malformed": 1, "personal_number": 1, "unknown_type": 2}
        done = retry(store, MendedReader())
        assert (done.tried, done.taken_up, done.accepted, done.duplicates) == (3, 2, 1, 1)
        assert counts(store) == (6, 2, 1, 3, 0)
        assert [row[12] for row in current(store)] == ["achieved"]
        assert store.connection.execute('SELECT "offset" FROM event ORDER BY 1').fetchall() == [(0,), (1,)]
        assert not any(violations(store.connection).values())
        assert retry(store, MendedReader()).taken_up == 0
        assert store.offsets() == {(FEED, 0): 6}
        store.commit([staged([event("3")], first=6)])


def test_records_are_listed_and_shown_by_place(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        store.commit([staged([bad(b"\xffone"), bad(b"two", "payload")])])
        assert [(row.offset, row.fault_class) for row in list_rejected(store)] == [(0, "malformed"), (1, "payload")]
        assert [row.offset for row in list_rejected(store, "payload")] == [1]
        row, text = show(store, FEED, 0, 0)
        assert (row.fault_class, text) == ("malformed", "\\xffone")
        with pytest.raises(ConfigurationError, match=r"nothing in quarantine from kerneeffekt.employment\[0\]@7"):
            show(store, FEED, 0, 7)


def test_as_known_then_is_the_translation_over_what_was_recorded_by_then(tmp_path: Path) -> None:
    import datetime as dt

    import duckdb

    with open_store(tmp_path) as store:
        late = event("2", WORK, day=3, recorded=40)
        store.commit([staged([event("1"), late, correction("c", "2", 60), correction("cc", "c", 80)])])
        store.checkpoint()
        seen = {}
        for day in (10, 50, 70, 90):
            scratch = tmp_path / "known.duckdb"
            store.connection.execute("USE memory; DETACH store")
            known_at = DAY_0 + dt.timedelta(days=day)
            fill_as_known(tmp_path / "store.duckdb", scratch, CATALOGUE, known_at, translation=SmallTranslation(), amender=amend)
            store.connection.execute(f"ATTACH '{tmp_path / 'store.duckdb'}' AS store; USE store")
            with duckdb.connect() as connection:
                connection.execute(f"ATTACH '{scratch}' AS s (READ_ONLY)")
                seen[day] = connection.execute("SELECT outcome, known_from::VARCHAR FROM s.effect").fetchall()
    assert seen == {
        10: [("not_achieved", "2024-01-01 00:00:00")],
        50: [("achieved", "2024-02-10 00:00:00")],
        70: [("not_achieved", "2024-01-01 00:00:00")],
        90: [("achieved", "2024-02-10 00:00:00")],
    }
