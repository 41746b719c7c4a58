"""Effect cells as tables over the trees of units and periods: out of DuckDB into arrays."""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb
import numpy as np
from numpy.typing import NDArray

from pipelines.exchanges import Bools, with_strangers
from pipelines.sql_texts import sql
from pipelines.trees import NO_ROW, Numbers, Tree, add_up

OWN = ""
"""Stands below a unit with others below it for what it did itself: a leaf without a row of its own."""

Line = tuple[str, ...]
Period = tuple[str, dt.date | None]
Chain = tuple[Period, ...]


@dataclass(frozen=True)
class UnitTree:
    """The organisation: nodes are lines of units from the top down, so that a unit that was moved has several, and one row.

    of_place   placement -> the leaf where its records are counted
    row_of     unit id -> row
    """

    tree: Tree
    of_place: Mapping[int, int]
    row_of: Mapping[str, int]

    def node(self, row: int, sizes: Numbers) -> int:
        """Of a row's nodes the one with most records; sizes: of every node."""
        nodes = self.tree.of_row[row]
        return int(nodes[0] if len(nodes) == 1 else nodes[int(sizes[nodes].argmax())])


def unit_tree(lines: Mapping[int, Line]) -> UnitTree:
    """The tree of placements with their lines from the top down."""
    inner = {line[:end] for line in lines.values() for end in range(1, len(line))}
    leaves = {place: (*line, OWN) if line in inner else line for place, line in lines.items()}
    paths = sorted(inner | set(leaves.values()))
    number = {path: node for node, path in enumerate(paths)}
    row_of = {unit: row for row, unit in enumerate(sorted({path[-1] for path in paths} - {OWN}))}
    parents = [number[path[:-1]] if len(path) > 1 else -1 for path in paths]
    tree = Tree(parents, [row_of.get(path[-1], NO_ROW) for path in paths])
    return UnitTree(tree, {place: number[path] for place, path in leaves.items()}, row_of)


@dataclass(frozen=True)
class PeriodTree:
    """Periods from `all` down to the finest.

    number   period -> its node, which is its row as well
    leaf     period -> the leaf where records of no finer period are counted
    """

    tree: Tree
    number: Mapping[Period, int]
    leaf: Mapping[Period, int]


def period_tree(chains: Iterable[Chain]) -> PeriodTree:
    """The tree of the finest periods with the coarser ones above each, coarse to fine, `all` first."""
    fine = set(chains)
    found = {chain[:end] for chain in fine for end in range(1, len(chain) + 1)}
    nodes = sorted(found, key=lambda node: (len(node), str(node)))
    place = {node: number for number, node in enumerate(nodes)}
    parents = [place[node[:-1]] if len(node) > 1 else -1 for node in nodes]
    # What is counted in a period with others below it has a leaf of its own, which nobody publishes.
    inner = sorted(fine & {node[:-1] for node in nodes}, key=place.__getitem__)
    leaf = {node[-1]: number for node, number in place.items()} | {node[-1]: len(nodes) + at for at, node in enumerate(inner)}
    tree = Tree([*parents, *(place[node] for node in inner)], [*range(len(nodes)), *(NO_ROW for _ in inner)])
    return PeriodTree(tree, {node[-1]: number for node, number in place.items()}, leaf)


@dataclass(frozen=True)
class CellTable:
    """Counts of several indicators over the same trees: [table, class, unit node, period node].

    positions   names of the tables
    stands      unit row x period: whether the unit was there in it, so that it could have a row
    """

    units: UnitTree
    periods: PeriodTree
    positions: Sequence[int]
    counts: Numbers
    stands: Bools


def read_lines(connection: duckdb.DuckDBPyConnection) -> dict[int, Line]:
    """The line of every placement as `placement_unit` has it, from the top down."""
    lines: dict[int, Line] = {}
    for place, unit in connection.execute("SELECT placement, unit_id FROM placement_unit").fetchall():  # from the unit upward
        lines[place] = (unit, *lines.get(place, ()))
    return lines


def read_records(connection: duckdb.DuckDBPyConnection, classes: Sequence[str], grids: Sequence[str]) -> CellTable:
    """Every cell of `record`.

    classes   columns of `disclosure_atom.sql`
    grids     period grids of the cells, coarse to fine, `all` first
    """
    units = unit_tree(read_lines(connection))
    columns = ", ".join(f"period_start(period_start, '{grid}')" for grid in grids)
    starts = connection.execute(f"SELECT DISTINCT {columns} FROM record").fetchall()  # noqa: S608 - our own names
    periods = period_tree(tuple(zip(grids, chain, strict=True)) for chain in starts)
    found = connection.execute(sql("disclosure_atom")).fetchnumpy()
    unit = _each(found["placement"], lambda place: units.of_place[int(place)])
    period = _each(found["period_start"].astype("datetime64[D]"), lambda start: periods.leaf[grids[-1], start.item()])
    return _cell_table(connection, units, periods, found, unit, period, classes)


def read_reported(connection: duckdb.DuckDBPyConnection, classes: Sequence[str]) -> CellTable:
    """Every cell of `reported_part`: where a unit reports what units below it report too, these stand beside it and not below."""
    lines = read_lines(connection)
    told = connection.execute(sql("disclosure_reported")).to_arrow_table()
    own = [
        tuple(unit for unit in lines[place] if unit in at)
        for place, at in zip(told["placement"].to_pylist(), told["units"].to_pylist(), strict=True)
    ]
    number = {line: place for place, line in enumerate(sorted(set(own)))}
    units = unit_tree({place: line for line, place in number.items()})
    chains = [tuple((one["grid"], one["start"]) for one in chain) for chain in told["periods"].to_pylist()]
    periods = period_tree(chains)
    found = {name: told[name].to_numpy() for name in ("position", *classes) if name in told.column_names}
    unit = np.array([units.of_place[number[line]] for line in own], dtype=np.int64)
    period = np.array([periods.leaf[chain[-1]] for chain in chains], dtype=np.int64)
    return _cell_table(connection, units, periods, found, unit, period, classes)


def _cell_table(
    connection: duckdb.DuckDBPyConnection, units: UnitTree, periods: PeriodTree, found: Mapping[str, NDArray[Any]],
    unit: Numbers, period: Numbers, classes: Sequence[str],
) -> CellTable:  # fmt: skip
    """Counts at leaves, and their sums; a class that nothing is said of is nobody's."""
    positions = sorted(set(found["position"].tolist()))
    table = np.searchsorted(positions, found["position"])
    shape = len(positions), units.tree.size, periods.tree.size
    counts = np.zeros((len(positions), len(classes), units.tree.size, periods.tree.size), dtype=np.int64)
    place = np.ravel_multi_index((table, unit, period), shape)
    for number, name in enumerate(classes) if len(place) else ():
        if name in found:
            counts[:, number] = np.bincount(place, weights=found[name], minlength=int(np.prod(shape))).reshape(shape)
    add_up(counts, units.tree, periods.tree)
    return CellTable(units, periods, positions, with_strangers(counts, units.tree, periods.tree), _stands(connection, units, periods))


def _each(values: NDArray[Any], number: Callable[[Any], int]) -> Numbers:
    """A number for each value, found once for those that are alike."""
    different, at = np.unique(values, return_inverse=True)
    return np.array([number(value) for value in different], dtype=np.int64)[at.ravel()]


def _stands(connection: duckdb.DuckDBPyConnection, units: UnitTree, periods: PeriodTree) -> Bools:
    found = np.zeros((len(units.row_of), len(periods.number)), dtype=bool)
    ends = {
        number: connection.execute("SELECT period_end(?::DATE, ?)", [start, grid]).fetchall()[0][0]
        for (grid, start), number in periods.number.items()
    }
    for unit, first, after in connection.execute("SELECT unit_id, valid_from, valid_to FROM unit_stands").fetchall():
        for (_, start), number in periods.number.items() if unit in units.row_of else ():
            found[units.row_of[unit], number] |= start is None or (
                (after is None or start < after) and (first is None or ends[number] >= first)
            )
    return found
