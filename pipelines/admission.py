"""Which records of a batch become events: repetitions and conflicts against the batch itself and the whole history.

Set-based throughout. The history is probed with the batch's keys on one fixed-width column; there is no index and no window of time, so a
repetition is found however old its first copy is.
"""

from dataclasses import dataclass

import duckdb
import numpy as np
import pyarrow as pa

from pipelines.crashpoints import crashpoint
from pipelines.loading import load
from pipelines.sql_texts import sql
from pipelines.tally import Tally

ARRIVING_ROW = "arriving_row"
"""The batch's events in Arrow, with `pos`. Join it by `pos` only: DuckDB pushes filters of joins into Arrow, and fails there on unsigned
64-bit keys above 2^63."""


@dataclass(frozen=True)
class Arrivals:
    """The well-formed and the rejected records of a guarded batch, as Arrow tables over all its partitions."""

    events: pa.Table
    rejected: pa.Table


def admit(connection: duckdb.DuckDBPyConnection, arrivals: Arrivals, batch: int, tally: Tally) -> int:
    """Write accepted events and quarantine; leave `arriving`, `arriving_row`, `refused` and `displaced` for the steps that follow.

    Counts every record of `arrivals` in `tally` under exactly one of accepted, duplicates, quarantined.
    returns how many rows of the history lost their place to an earlier recorded content.
    """
    numbered = arrivals.events.append_column("pos", pa.array(np.arange(arrivals.events.num_rows, dtype=np.int64)))
    # The batch itself stays where it is and is written from there; only what is compared with the history is copied.
    connection.register(ARRIVING_ROW, numbered)
    load(connection, "rejected", arrivals.rejected)
    connection.execute(sql("admit_arriving"))
    connection.execute(sql("admit_held"))
    connection.execute(sql("admit_judge"))
    connection.execute(sql("admit_displaced"))
    _forget_displaced_corrections(connection)
    connection.execute(sql("admit_events"), {"batch": batch})
    crashpoint("after_events")
    connection.execute(sql("admit_conflicts"), {"batch": batch})
    connection.execute(sql("admit_quarantine"), {"batch": batch})
    crashpoint("after_quarantine")
    return _count(connection, tally)


def let_go(connection: duckdb.DuckDBPyConnection) -> None:
    """The steps that look at the batch's own rows are done."""
    connection.unregister(ARRIVING_ROW)


def _forget_displaced_corrections(connection: duckdb.DuckDBPyConnection) -> None:
    # A correction that does not fit its target sits in quarantine already; when another content of it wins, it stays there as a conflict.
    lost = connection.execute("SELECT event_key, content_hash FROM judged WHERE verdict = 'displaced' AND row_id IS NULL").fetchall()
    for event_key, content_hash in lost:
        connection.execute(
            'UPDATE quarantine SET class = \'conflict\', faults = \'[{"field":"id","fault":"conflict"}]\''
            " WHERE event_key = ? AND content_hash = ? AND class = 'payload'",
            [event_key, content_hash],
        )


def _count(connection: duckdb.DuckDBPyConnection, tally: Tally) -> int:
    accepted = (
        "SELECT a.feed, a.part, count(*), count(*) FILTER (r.verdict IS NULL), count(*) FILTER (r.verdict = 'duplicate'),"
        " count(*) FILTER (r.verdict = 'conflict') FROM arriving_row a LEFT JOIN refused r USING (pos) GROUP BY a.feed, a.part"
    )
    for feed, part, received, kept, duplicates, conflicts in connection.execute(accepted).fetchall():
        for count, n in (("received", received), ("accepted", kept), ("duplicates", duplicates), ("quarantined", conflicts)):
            tally.add((feed, part), count, n)
    rejected = connection.execute("SELECT feed, part, count(*) FROM rejected GROUP BY feed, part").fetchall()
    tally.add_rows(rejected, "received")
    tally.add_rows(rejected, "quarantined")
    displaced = connection.execute("SELECT feed, part, count(*) FROM displaced GROUP BY feed, part").fetchall()
    tally.move_rows(displaced, "accepted", "quarantined")
    return sum(n for _, _, n in displaced)
