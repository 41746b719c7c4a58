"""One worker of the intake: a private in-memory DuckDB with its statements planned once, through which slices of records pass."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.intake_layouts import Pool
from pipelines.intake_placing import Bytes, Placed, Scratch, placed
from pipelines.intake_sql import CutOut, Zone, cut_out_statement, envelope_statement, events_statement, types_statement

EVENT_SCHEMA = pa.schema(
    [
        ("event_key", pa.uint64()), ("source", pa.string()), ("id", pa.string()), ("content_hash", pa.uint64()), ("type", pa.string()),
        ("subject", pa.string()), ("subject_key", pa.uint64()), ("occurred_at", pa.timestamp("us")), ("occurred_on", pa.date32()),
        ("recorded_at", pa.timestamp("us")), ("unit", pa.string()), ("episode", pa.string()), ("code", pa.string()),
        ("value", pa.float64()), ("amount_ore", pa.int64()), ("fields", pa.string()), ("attributes", pa.string()), ("effort", pa.string()),
        ("feed", pa.string()), ("part", pa.int32()), ("offset", pa.int64()),
    ]
)  # fmt: skip
"""The columns of `event`, less batch."""
PLACE = ("feed", "part", "offset")
EXTRACTED_SCHEMA = pa.schema([("position", pa.int32()), *(field for field in EVENT_SCHEMA if field.name not in PLACE)])
INCOMING_SCHEMA = pa.schema([("position", pa.int32()), ("raw", pa.string())])
ENVELOPE_SCHEMA = pa.schema(
    [
        ("position", pa.int32()), ("type_number", pa.int32()), ("source", pa.string()), ("id", pa.string()),
        ("subject", pa.string()), ("occurred_at", pa.timestamp("us")), ("recorded_at", pa.timestamp("us")), ("data", pa.string()),
    ]
)  # fmt: skip


BLOCK = 8_192
"""Records that are laid on layouts at a time, so that their bytes stay in the processor's cache."""
WORTH_A_STATEMENT = 256
"""Records below which a statement of their own costs more than parsing them."""
WORTH_LAYING = 256
"""Records of a slice below which looking for layouts costs more than it saves."""
SAMPLE = 32
"""Records that layouts are learnt from, of those that have none."""


class _Inlet:
    """A table that a planned statement reads, and whose content changes from one execution to the next."""

    def __init__(self, schema: pa.Schema) -> None:
        self.table = schema.empty_table()

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return self.table.__arrow_c_stream__(requested_schema)


class Worker:
    """Extracts events from texts. Used by one thread at a time."""

    def __init__(self, time_zone: str, worth_a_statement: int = WORTH_A_STATEMENT) -> None:
        self._worth_a_statement = worth_a_statement
        self.n_cut_out = 0
        """Events so far that were cut out by their layout."""
        self._connection = duckdb.connect(config={"threads": 1, "preserve_insertion_order": False})
        self._connection.execute("SET TimeZone = $zone", {"zone": time_zone})
        # A condition pushed down below the parse would parse once more for each field that it names; a list of choices would be a join.
        self._connection.execute("SET disabled_optimizers = 'filter_pushdown,in_clause'")
        self._connection.execute(types_statement())
        self._zone = _zone(self._connection, time_zone)
        self._incoming, self._envelope = _Inlet(INCOMING_SCHEMA), _Inlet(ENVELOPE_SCHEMA)
        self._connection.register("incoming", self._incoming)
        self._connection.register("envelope", self._envelope)
        self._inlets: dict[int, _Inlet] = {}
        self._statements: dict[CutOut, int] = {}
        self._pool, self._scratch = Pool(), Scratch()
        self._planned: set[str] = set()

    def close(self) -> None:
        """Let the database go."""
        self._connection.close()

    def extract(self, texts: pa.Array, positions: Sequence[int] | None = None, *, checked: bool) -> pa.Table:
        """The events in `texts` (JSON or null) in the store's columns but for their place, with the position of each.

        positions  of the texts where they are not 0, 1, 2, ...
        checked    True: only what certainly fulfils the contract; False: all, since `models.records` has accepted them
        """
        places = np.arange(len(texts), dtype=np.int32) if positions is None else np.asarray(positions, np.int32)
        self._incoming.table = pa.table([pa.array(places), texts], schema=INCOMING_SCHEMA)
        envelopes = self._run(f"envelope_{checked:d}", envelope_statement(checked=checked)).cast(ENVELOPE_SCHEMA)
        found = list(self._events(envelopes, checked=checked))
        self._incoming.table, self._envelope.table = INCOMING_SCHEMA.empty_table(), ENVELOPE_SCHEMA.empty_table()
        return pa.concat_tables(found) if found else EXTRACTED_SCHEMA.empty_table()

    def extract_alike(self, texts: pa.Array) -> pa.Table:
        """The events of those texts that are written like others before and certainly fulfil the contract; the rest is for `extract`.

        Several times as fast; the values are the same. Positions are those in `texts`.
        """
        laid = self._laid_out(texts) if len(texts) >= WORTH_LAYING else []
        return pa.concat_tables(laid) if laid else EXTRACTED_SCHEMA.empty_table()

    def _laid_out(self, texts: pa.StringArray) -> list[pa.Table]:
        """The events of records that are written like others before; their positions are those in `texts`."""
        found: dict[CutOut, list[pa.Table]] = defaultdict(list)
        for start in range(0, len(texts), BLOCK):
            data = Bytes(texts.slice(start, BLOCK), self._scratch)
            for each in self._placed(data, texts.slice(start, BLOCK)):
                found[each.layout.cut_out].append(_cut_out_table(data, each, start))
        tables = {cut_out: pa.concat_tables(tables) for cut_out, tables in found.items()}
        return [self._cut_out_events(cut_out, table) for cut_out, table in tables.items() if table.num_rows >= self._worth_a_statement]

    def _placed(self, data: Bytes, texts: pa.StringArray) -> list[Placed]:
        waiting = data.plain & ~data.personal
        found = list(placed(data, self._pool, waiting))
        unknown = np.flatnonzero(waiting)
        if len(unknown) >= SAMPLE and self._pool.learn(texts.take(pa.array(unknown[:: len(unknown) // SAMPLE])).to_pylist()):
            found += placed(data, self._pool, waiting)
        return found

    def _cut_out_events(self, cut_out: CutOut, table: pa.Table) -> pa.Table:
        number = self._statements.setdefault(cut_out, len(self._statements))
        if number not in self._inlets:
            self._inlets[number] = _Inlet(table.schema)
            self._connection.register(f"cut_out_{number}", self._inlets[number])
        self._inlets[number].table = table
        events = self._run(f"cut_out_events_{number}", cut_out_statement(cut_out, f"cut_out_{number}", self._zone))
        self._inlets[number].table = table.schema.empty_table()
        self.n_cut_out += events.num_rows
        return events

    def _events(self, envelopes: pa.Table, *, checked: bool) -> Iterator[pa.Table]:
        """The events of each type that is present. Rows are dealt out by type here, so that no statement reads another's."""
        for number in sorted(pc.unique(envelopes["type_number"]).to_pylist()):
            self._envelope.table = envelopes.filter(pc.equal(envelopes["type_number"], number))
            yield self._run(f"events_{number}_{checked:d}", events_statement(number, self._zone, checked=checked))

    def _run(self, name: str, statement: str) -> pa.Table:
        """Execute a statement, planned at its first use: planning takes longer than a slice."""
        if name not in self._planned:
            self._connection.execute(f"PREPARE {name} AS {statement}")
            self._planned.add(name)
        return self._connection.execute(f"EXECUTE {name}").to_arrow_table()


def _cut_out_table(data: Bytes, each: Placed, start: int) -> pa.Table:
    """The values of records of one layout, as `cut_out_statement` reads them; less those whose times are written in a rare form."""
    cut_out, n = each.layout.cut_out, len(each.positions)
    instants, fits = data.instants(*each.places(cut_out.times))
    known = np.logical_and.reduce(fits.reshape(len(cut_out.times), n))
    if not known.all():
        return _cut_out_table(data, each.only(known), start)
    texts = data.views(*each.places(cut_out.columns))
    columns = [pa.array((each.positions + start).astype(np.int32))]
    columns += [pa.array(instant).cast(pa.timestamp("us")) for instant in instants.reshape(len(cut_out.times), n)]
    columns += [texts.slice(number * n, n) for number in range(len(cut_out.columns))]
    return pa.table(columns, ["position", *cut_out.times, *cut_out.columns])


def _zone(connection: duckdb.DuckDBPyConnection, name: str) -> Zone:
    """The zone's bounds, from its offset on every day of the years that events can have."""
    offsets = connection.execute(
        """
        SELECT min(shift)::BIGINT, max(shift)::BIGINT FROM (
            SELECT epoch(timezone($zone, timezone('UTC', day))) - epoch(day) AS shift
            FROM generate_series(TIMESTAMP '1799-12-30', TIMESTAMP '2200-01-01', INTERVAL 1 DAY) AS t (day)
        )""",
        {"zone": name},
    ).fetchone()
    return Zone(name, *(offsets or (-86_400, 86_400)))
