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
    """The tree of placements with their lines from the top down; all lines begin with the same unit."""
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
    """Periods from `all` down to those of the finest grid."""

    tree: Tree
    number: Mapping[Period, int]


def period_tree(chains: Iterable[Sequence[dt.date | None]], grids: Sequence[str]) -> PeriodTree:
    """The tree of the finest periods with the coarser ones above each: (first day per grid), coarse to fine, `all` first."""
    found = {tuple(zip(grids, chain, strict=True))[:end] for chain in chains for end in range(1, len(grids) + 1)}
    nodes = sorted(found, key=lambda node: (len(node), str(node)))
    place = {node: number for number, node in enumerate(nodes)}
    parents = [place[node[:-1]] if len(node) > 1 else -1 for node in nodes]
    return PeriodTree(Tree(parents, range(len(nodes))), {node[-1]: number for node, number in place.items()})


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


def read_units(connection: duckdb.DuckDBPyConnection) -> UnitTree:
    """The organisation as `placement_unit` has it."""
    lines: dict[int, Line] = {}
    for place, unit in connection.execute("SELECT placement, unit_id FROM placement_unit").fetchall():  # from the unit upward
        lines[place] = (unit, *lines.get(place, ()))
    return unit_tree(lines)


def read_records(connection: duckdb.DuckDBPyConnection, classes: Sequence[str], grids: Sequence[str]) -> CellTable:
    """Every cell of `record`.

    classes   columns of `disclosure_atom.sql`
    grids     period grids of the cells, coarse to fine, `all` first
    """
    units = read_units(connection)
    columns = ", ".join(f"period_start(period_start, '{grid}')" for grid in grids)
    periods = period_tree(connection.execute(f"SELECT DISTINCT {columns} FROM record").fetchall(), grids)  # noqa: S608 - our own names
    found = connection.execute(sql("disclosure_atom")).fetchnumpy()
    positions = sorted(set(found["position"].tolist()))
    unit = _each(found["placement"], lambda place: units.of_place[int(place)])
    period = _each(found["period_start"].astype("datetime64[D]"), lambda start: periods.number[grids[-1], start.item()])
    table = np.searchsorted(positions, found["position"])
    shape = len(positions), units.tree.size, periods.tree.size
    counts = np.zeros((len(positions), len(classes), units.tree.size, periods.tree.size), dtype=np.int64)
    place = np.ravel_multi_index((table, unit, period), shape)
    for number, name in enumerate(classes):
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
