"""Complementary suppression of the effect cells: which more parts must be hidden so that no hidden count follows from sums.

Parts are judged one after the other, each with all that earlier ones hid. What each may exchange (`exchanges.py`):

    cell      whole records between cells, since the size of the cell is hidden too; alike in all indicators that share a cohort
    size      records that are not counted yet or never will be, between cells
    share     outcomes within cells: every size stays as it is, whatever others say of it
    split     not_achieved for competing
    sight     pending, censored and unmeasured among each other
    estimate  ends of follow-up among each other

Effects, their complement and sizes, of which a row says that they are below k, must be able to be anything from 1 to k - 1; every other
hidden count below k must be able to be at least one other number. An indicator with a count for which that cannot be shown is withheld as
a whole: what is not proven safe is not published.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final, NamedTuple

import duckdb
import numpy as np
import pyarrow as pa

from pipelines.cell_table import CellTable, read_records, read_reported
from pipelines.exchanges import NOTHING, Bools, Cells, Needs, Pair, protect
from pipelines.sql_texts import sql
from pipelines.trees import Numbers, Tree, Weights

PENDING, ACHIEVED, NOT_ACHIEVED, COMPETING, CENSORED, UNMEASURED = range(6)
CLASSES: Final = ("pending", "achieved", "not_achieved", "competing", "censored", "unmeasured")
ENDS: Final = ("events", "other_ends", "open_ends")
COUNTED: Final = (ACHIEVED, NOT_ACHIEVED, COMPETING)
MISSED: Final = (NOT_ACHIEVED, COMPETING)
REST: Final = (PENDING, CENSORED, UNMEASURED)
EVERYTHING: Final = (*COUNTED, *REST)

LARGE: Final = 24
MOST: Final = 0.6
"""Units and periods with so many cells, of which more than so many are hidden for themselves, are hidden as a block."""

PARTS: Final = ("cell", "size", "share", "split", "sight", "estimate")


def hide_more(connection: duckdb.DuckDBPyConnection, k: int, grids: Sequence[str], meanwhile: Callable[[], None]) -> None:
    """Hide more in `judged`, and note in `withheld` of which indicators everything is. Needs `record`, `reported_part`, `placement_unit`.

    k          smallest count that may be shown
    grids      period grids of the cells, coarse to fine, `all` first
    meanwhile  what else there is to do on the connection: done while another thread, which has no connection, seeks what to hide
    """
    tables = [read_records(connection, (*CLASSES, *ENDS), grids), read_reported(connection, (*CLASSES, *ENDS))]
    sought = [Suppression(table, _primary(connection, table), k) for table in tables if table.positions]
    with ThreadPoolExecutor(1, thread_name_prefix="suppression") as pool:
        found = pool.map(Suppression.run, sought)
        meanwhile()
    for suppression, hidden in zip(sought, found, strict=True):
        covered = suppression.covered()
        _write(connection, suppression.table, {part: mask | covered for part, mask in hidden.items()})
        for one, counts in suppression.withheld.items():
            connection.execute("INSERT INTO main.withheld VALUES (?, ?)", [suppression.table.positions[one], counts])


class Places(NamedTuple):
    """Rows of a table: arrays of table, unit row and period."""

    table: Numbers
    row: Numbers
    period: Numbers


class Suppression:
    """One run over the cells of one table.

    hidden     part -> what primary suppression hides [table, unit row, period]
    withheld   tables of which everything is hidden -> how many hidden counts could not be shown to be safe otherwise
    """

    def __init__(self, table: CellTable, hidden: dict[str, Bools], k: int) -> None:
        self.table, self.k = table, k
        self.counts, self.ends = table.counts[:, : len(CLASSES)], table.counts[:, len(CLASSES) :]
        self.units, self.periods = table.units.tree, table.periods.tree
        self.rows = hidden
        self.node_of = np.array([nodes[0] for nodes in self.units.of_row], dtype=np.int64)
        self.seen = {part: np.zeros_like(mask) for part, mask in hidden.items()}
        self.withheld: Counter[int] = Counter()
        self.blocks: frozenset[tuple[int, int, int]] = frozenset()
        self.groups = _alike(self.counts.sum(axis=1))

    def run(self) -> dict[str, Bools]:
        """Part -> what must be hidden of it in the end [table, unit row, period]."""
        self._blocks()
        self._cell()
        self._size()
        self._share()
        self._split()
        self._sight()
        self._estimate()
        for part in PARTS if self.withheld else ():
            self.rows[part][list(self.withheld)] |= self._filled()[list(self.withheld)]
        return self.rows

    def _filled(self) -> Bools:
        """Rows in which somebody is counted."""
        return self._of_rows(self.counts.sum(axis=1) > 0, np.zeros_like(self.rows["cell"]))

    def covered(self) -> Bools:
        """Rows without anybody below a hidden cell [table, unit row, period]: they must stand as those that hold somebody do."""
        filled = self._filled()
        return ~filled & (self._of_rows(self._below(self.rows["cell"]), np.zeros_like(filled)) | self.rows["cell"])

    def _blocks(self) -> None:
        """Where most cells of some units in the periods of one kind are hidden anyhow, all are: the units are too small for them."""
        sizes = self.counts.sum(axis=1)
        hidden, blocks = self._of_nodes(self.rows["share"]), set()
        for above in sorted(set(self.units.parents[:-2].tolist())):
            units = self.units.level(above).children
            if not np.isin(units, self.units.leaves).all():
                continue  # margins bound a cell only where nothing below it is shown
            units = units[self.units.rows[units] >= 0]
            for over in sorted(set(self.periods.parents[:-2].tolist())):
                periods = self.periods.level(over).children
                if not np.isin(periods, self.periods.leaves).all() or (self.periods.rows[periods] < 0).any():
                    continue
                there = sizes[:, units][:, :, periods] > 0
                many = there.sum(axis=(1, 2))
                most = (hidden[:, units][:, :, periods] & there).sum(axis=(1, 2)) > MOST * many
                for table in np.flatnonzero(most & (many >= LARGE)).tolist():
                    blocks.add((table, above, over))
                    stands = self.table.stands[self.units.rows[units]][:, periods] | there[table]
                    rows, at = np.nonzero(stands)
                    self.rows["cell"][table, self.units.rows[units[rows]], periods[at]] = True
        self.blocks = frozenset(blocks)

    def _cell(self) -> None:
        here = self._to_see("cell")
        needs = [
            *self.anything_small(self._once(here), EVERYTHING, _swaps(EVERYTHING, ())),
            *self.anything_small(here, (ACHIEVED,), _swaps((ACHIEVED,), MISSED)),
            *self.anything_small(here, MISSED, _swaps(MISSED, (ACHIEVED,))),
            *self.not_everybody(here, _swaps(MISSED, (ACHIEVED,))),
            *(self.another(here, (one,), _swaps((one,), ())) for one in (*MISSED, *REST)),
        ]
        self._protect("cell", self.counts, needs, EVERYTHING)
        for part in PARTS:
            self.rows[part] = self.rows[part] | self.rows["cell"]

    def _once(self, here: Places) -> Places:
        """One of the tables that show the same sizes for all: sizes change alike in all of them."""
        first = np.array([next(group for group in self.groups if table in group)[0] for table in range(len(self.counts))], dtype=np.int64)
        return Places(*np.unique(np.stack([first[here.table], here.row, here.period]), axis=1))

    def _size(self) -> None:
        here = self._to_see("size", "cell")
        needs = [self.another(here, REST, _swaps(REST, ()))]
        needs += [self.another(here, (one,), _swaps((one,), _but(REST, one))) for one in REST]
        self._protect("size", self.counts, needs, REST)
        self.rows["sight"] = self.rows["sight"] | self.rows["size"]

    def _share(self) -> None:
        here = self._to_see("share", "cell")
        needs = [
            *self.anything_small(here, (ACHIEVED,), _only(_swaps((ACHIEVED,), (*MISSED, *REST)))),
            *self.anything_small(here, MISSED, _only(_swaps(MISSED, (ACHIEVED, *REST)))),
            *self.anything_small(here, COUNTED, _only(_swaps(COUNTED, REST))),
            *self.not_everybody(here, _only(_swaps(MISSED, (ACHIEVED,)))),
            *(self.another(here, (one,), _only(_swaps((one,), _but(EVERYTHING, one)))) for one in (*MISSED, *REST)),
        ]
        self._protect("share", self.counts, needs)
        for part in ("split", "sight", "estimate"):
            self.rows[part] = self.rows[part] | self.rows["share"]

    def _split(self) -> None:
        here = self._to_see("split", "cell", "share")
        self._protect("split", self.counts, [self.another(here, (one,), _only(_swaps((one,), _but(MISSED, one)))) for one in MISSED])

    def _sight(self) -> None:
        here = self._to_see("sight", "cell", "share", "size")
        self._protect("sight", self.counts, [self.another(here, (one,), _only(_swaps((one,), _but(REST, one)))) for one in REST])

    def _estimate(self) -> None:
        here = self._to_see("estimate")
        needs = [self.another(here, (one,), _only(_swaps((one,), _but(range(len(ENDS)), one))), self.ends) for one in (0, 1)]
        self._protect("estimate", self.ends, needs)

    def anything_small(self, here: Places, classes: Sequence[int], pairs: Sequence[Pair]) -> tuple[Needs, Needs]:
        """A count of 1 to k - 1 must be able to be any of these."""
        count = self.count(here, classes)
        small = (count > 0) & (count < self.k)
        return self._needs(here, np.where(small, self.k - 1 - count, 0), pairs), self._needs(
            here, np.where(small, count - 1, 0), _turned(pairs)
        )

    def another(self, here: Places, classes: Sequence[int], pairs: Sequence[Pair], counts: Numbers | None = None) -> Needs:
        """A count of 1 to k - 1 must be able to be another number."""
        count = self.count(here, classes, counts)
        return self._needs(here, (count > 0) & (count < self.k), (*pairs, *_turned(pairs)))

    def not_everybody(self, here: Places, pairs: Sequence[Pair]) -> tuple[Needs, Needs]:
        """Where everybody has one outcome, somebody must be able to have had another."""
        achieved, missed, competing = (self.count(here, classes) for classes in ((ACHIEVED,), MISSED, (COMPETING,)))
        taken = (competing > 0) & (competing == achieved + missed)
        return self._needs(here, (achieved > 0) & (missed == 0), pairs), self._needs(here, taken, _turned(pairs))

    def count(self, here: Places, classes: Sequence[int], counts: Numbers | None = None) -> Numbers:
        """Records of some classes in rows."""
        found = (self.counts if counts is None else counts)[:, list(classes)].sum(axis=1)
        first = found[here.table, self.node_of[here.row], here.period]
        for row in np.flatnonzero(np.array([len(nodes) > 1 for nodes in self.units.of_row])):
            at = np.flatnonzero(here.row == row)
            first[at] = found[here.table[at][:, None], self.units.of_row[row][None, :], here.period[at][:, None]].sum(axis=1)
        return np.asarray(first)

    def _needs(self, here: Places, by: Numbers | Bools, pairs: Sequence[Pair]) -> Needs:
        at = np.flatnonzero(by)
        unit = self.node_of[here.row[at]]
        sizes = self.counts.sum(axis=1)
        for number in np.flatnonzero(np.array([len(self.units.of_row[row]) > 1 for row in here.row[at].tolist()], dtype=bool)):
            place = at[number]
            unit[number] = self.table.units.node(int(here.row[place]), sizes[here.table[place], :, here.period[place]])
        return Needs(here.table[at], unit, here.period[at], np.asarray(by, dtype=np.int64)[at], tuple(pairs))

    def _to_see(self, part: str, *before: str) -> Places:
        """Rows of which a part is hidden now, and whose counts no part before has seen to: what is hidden later needs only what it adds."""
        seen = np.any([self.seen[one] for one in before], axis=0) if before else np.zeros_like(self.rows[part])
        self.seen[part] = self.rows[part] & ~seen
        return Places(*np.nonzero(self.seen[part]))

    def _cells(self, part: str, counts: Numbers, companions: tuple[int, ...]) -> Cells:
        together = [next(group for group in self.groups if table in group) for table in range(len(counts))] if companions else ()
        return Cells(
            self.units, self.periods, counts, self._of_nodes(self.rows[part]), together, companions,
            self._least(part), self.counts[:, ACHIEVED] == 0, self.blocks if part == "cell" else frozenset(),
        )  # fmt: skip

    def _least(self, part: str) -> Numbers:
        """A hidden cohort holds somebody, unless its row stands there anyhow; one that is not said to be small holds k, or those shown."""
        if part == "cell":
            return np.asarray(1 - self._below(self.rows["cell"]))
        shown = ~self._of_nodes(self.rows["share"]) & (self.counts[:, COUNTED].sum(axis=1) >= self.k)
        return np.where(self._of_nodes(self.rows["cell"]), 1, np.where(shown, 1, self.k))

    def _below(self, rows: Bools) -> Bools:
        """Nodes with a hidden row above them, of a unit or of a period, where the unit was there and ever had a case."""
        hidden = self._of_nodes(rows)
        units, periods = _ancestry(self.units), _ancestry(self.periods)
        above = units @ hidden.astype(np.float32) @ periods.T - hidden > 0.5
        ever = self._of_rows(self.counts.sum(axis=1)[:, :, :1] > 0, np.zeros((*rows.shape[:2], 1), dtype=bool))
        return np.asarray(above & self._of_nodes(self.table.stands & ever))

    def _of_nodes(self, rows: Bools) -> Bools:
        found = np.zeros((len(rows), self.units.size, self.periods.size), dtype=bool)
        published = np.flatnonzero(self.units.rows >= 0)
        found[:, published, : rows.shape[2]] = rows[:, self.units.rows[published]]
        return found

    def _protect(self, part: str, counts: Numbers, needs: Sequence[Needs], companions: tuple[int, ...] = ()) -> None:
        for group in self.groups if companions else ():
            self.rows[part][list(group)] = self.rows[part][list(group)].any(axis=0)
        cells = self._cells(part, counts, companions)
        for need in protect(cells, needs):
            # What one of those with the same cohorts says of sizes, the others say too.
            self.withheld.update(cells.together[need.table] if cells.together else (need.table,))
        self._of_rows(cells.hidden, self.rows[part])

    def _of_rows(self, nodes: Bools, rows: Bools) -> Bools:
        """Put what is true of any of its nodes to each row, in place."""
        for node in np.flatnonzero(self.units.rows >= 0):
            rows[:, self.units.rows[node]] |= nodes[:, node, : rows.shape[2]]
        return rows


def _ancestry(tree: Tree) -> Weights:
    """Node x node: 1 where the second is the first or stands above it."""
    found = np.eye(tree.size, dtype=np.float32)
    for node, line in enumerate(tree.ancestors):
        found[node, list(line)] = 1
    return found


def _swaps(some: Sequence[int], others: Sequence[int]) -> tuple[Pair, ...]:
    """Ways in which a count of some classes grows: at the cost of others in the same cell, or with records of another cell."""
    return (*((one, other) for one in some for other in others), *((one, NOTHING) for one in some))


def _but(classes: Sequence[int], one: int) -> tuple[int, ...]:
    return tuple(other for other in classes if other != one)


def _only(pairs: Sequence[Pair]) -> tuple[Pair, ...]:
    """Those that leave every size as it is."""
    return tuple(pair for pair in pairs if NOTHING not in pair)


def _turned(pairs: Sequence[Pair]) -> tuple[Pair, ...]:
    return tuple((other, one) for one, other in pairs)


def _alike(sizes: Numbers) -> list[tuple[int, ...]]:
    """Tables whose sizes are the same everywhere: whatever one shows of its cohorts, it shows of the others'."""
    same: dict[bytes, list[int]] = defaultdict(list)
    for table in range(len(sizes)):
        same[sizes[table].tobytes()].append(table)
    return [tuple(tables) for tables in same.values()]


def _primary(connection: duckdb.DuckDBPyConnection, table: CellTable) -> dict[str, Bools]:
    shape = (len(table.positions), len(table.units.row_of), len(table.periods.number))
    hidden = {part: np.zeros(shape, dtype=bool) for part in PARTS}
    flags = ", ".join(f"hide_{part}" for part in PARTS)
    found = connection.execute(
        f"SELECT position, unit_id, grid, cohort_start, {flags} FROM judged WHERE {flags.replace(',', ' OR')}"  # noqa: S608 - our own names
    ).to_arrow_table()
    position = _numbers(found["position"], {name: number for number, name in enumerate(table.positions)})
    unit = _numbers(found["unit_id"], table.units.row_of)
    period = np.full(len(found), -1, dtype=np.int64)
    grid = found["grid"].to_numpy(zero_copy_only=False)
    for name in {grid for grid, _ in table.periods.number}:
        at = grid == name
        starts = {start: number for (kind, start), number in table.periods.number.items() if kind == name}
        period[at] = _numbers(found["cohort_start"].filter(pa.array(at)), starts)
    known = position >= 0
    for part in PARTS:
        at = known & found[f"hide_{part}"].to_numpy(zero_copy_only=False).astype(bool)
        hidden[part][position[at], unit[at], period[at]] = True
    return hidden


def _numbers(names: pa.ChunkedArray, number: Mapping[Any, int]) -> Numbers:
    """The number of each name, -1 where it has none: looked up once per name."""
    coded = names.combine_chunks().dictionary_encode(null_encoding="encode")
    known = np.array([number.get(name, -1) for name in coded.dictionary.to_pylist()], dtype=np.int64)
    return np.asarray(known[coded.indices.to_numpy(zero_copy_only=False)], dtype=np.int64) if len(coded) else known


def _write(connection: duckdb.DuckDBPyConnection, table: CellTable, hidden: dict[str, Bools]) -> None:
    units, periods = list(table.units.row_of), list(table.periods.number)
    at = np.nonzero(np.any(list(hidden.values()), axis=0))
    columns: dict[str, pa.Array] = {
        "position": pa.array(np.array(table.positions)[at[0]], pa.int32()),
        "unit_id": pa.array([units[row] for row in at[1]], pa.string()),
        "grid": pa.array([periods[period][0] for period in at[2]], pa.string()),
        "cohort_start": pa.array([periods[period][1] for period in at[2]], pa.date32()),
    }
    columns |= {f"hide_{part}": pa.array(mask[at], pa.bool_()) for part, mask in hidden.items()}
    connection.register("incoming", pa.table(columns))
    sets = ", ".join(f"hide_{part} = judged.hide_{part} OR incoming.hide_{part}" for part in PARTS)
    connection.execute(
        f"UPDATE judged SET {sets} FROM incoming WHERE judged.position = incoming.position AND judged.unit_id = incoming.unit_id"  # noqa: S608
        " AND judged.grid = incoming.grid AND judged.cohort_start IS NOT DISTINCT FROM incoming.cohort_start"
    )
    connection.execute(sql("disclosure_covered"))
    connection.unregister("incoming")
