"""Two trees that published counts add up over, units and periods, with what the search for hidden cells asks of them again and again."""

from collections.abc import Sequence
from functools import cached_property
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.int64]
Weights = NDArray[np.float32]

NO_ROW: Final = -1
"""Row of a node that nobody publishes."""


class Level(NamedTuple):
    """What lies below one node of a tree.

    leaves   leaf nodes below it
    children its children, in order
    child    for each leaf, which child it lies below (its place in `children`)
    below    every node below it
    chains   leaf x node below: 1 where the node is the leaf or lies between the leaf and this node
    """

    leaves: Numbers
    children: Numbers
    child: Numbers
    below: Numbers
    chains: Weights

    @property
    def is_flat(self) -> bool:
        """Whether there is nothing between the leaves and the node."""
        return len(self.below) == len(self.leaves)


class Tree:
    """A tree of nodes, each with the published row that it is part of; a node above all and a stranger beside the root are added.

    The stranger stands for all that is not in the table: nobody publishes it, and anybody may be there. Hence the whole itself has a
    sibling, and needs no rule of its own.

    parents   node -> node above, -1 for the root
    rows      node -> row, NO_ROW where none is published; several nodes of one row are one unit that was moved
    """

    def __init__(self, parents: Sequence[int], rows: Sequence[int]) -> None:
        top, self.stranger = len(parents), len(parents) + 1
        self.parents = np.array([top if parent < 0 else parent for parent in parents] + [-1, top], dtype=np.int64)
        self.rows = np.array([*rows, NO_ROW, NO_ROW], dtype=np.int64)
        self.size = len(self.parents)
        self.ancestors = [self._line(node) for node in range(self.size)]
        self.leaves = np.array(sorted(set(range(self.size)) - set(self.parents.tolist())), dtype=np.int64)
        self._levels: dict[int, Level] = {}

    def above(self, nodes: Numbers, steps: int) -> Numbers:
        """The nodes so many steps above some nodes; -1 where there is none."""
        for _ in range(steps):
            nodes = np.where(nodes >= 0, self.parents[nodes], -1)
        return nodes

    @cached_property
    def of_row(self) -> list[Numbers]:
        """Row -> its nodes."""
        return [np.flatnonzero(self.rows == row) for row in range(int(self.rows.max(initial=-1)) + 1)]

    @cached_property
    def downward(self) -> list[int]:
        """Nodes below the root, each after the node above it."""
        inner = [node for node in range(self.size) if len(self.ancestors[node]) > 1]
        return sorted(inner, key=lambda node: len(self.ancestors[node]))

    @cached_property
    def under(self) -> list[Numbers]:
        """Node -> the leaves at or below it."""
        found: list[list[int]] = [[] for _ in range(self.size)]
        for leaf in self.leaves.tolist():
            for node in (leaf, *self.ancestors[leaf]):
                found[node].append(leaf)
        return [np.array(leaves, dtype=np.int64) for leaves in found]

    def level(self, node: int) -> Level:
        """What lies below a node that has others below it."""
        if node not in self._levels:
            self._levels[node] = self._level(node)
        return self._levels[node]

    def _line(self, node: int) -> tuple[int, ...]:
        line: list[int] = []
        while self.parents[node] >= 0:
            node = int(self.parents[node])
            line.append(node)
        return tuple(line)

    def _level(self, node: int) -> Level:
        leaves = self.under[node]
        chains = [self._chain(int(leaf), node) for leaf in leaves]
        children = np.array(sorted({chain[-1] for chain in chains}), dtype=np.int64)
        below = np.array(sorted({one for chain in chains for one in chain}), dtype=np.int64)
        incidence = np.zeros((len(leaves), len(below)), dtype=np.float32)
        for number, chain in enumerate(chains):
            incidence[number, np.searchsorted(below, chain)] = 1
        return Level(leaves, children, np.searchsorted(children, [chain[-1] for chain in chains]), below, incidence)

    def _chain(self, leaf: int, top: int) -> list[int]:
        line = [leaf, *self.ancestors[leaf]]
        return line[: line.index(top)]


def add_up(leaves: Numbers, units: Tree, periods: Tree) -> Numbers:
    """Fill the nodes of arrays [..., unit, period] that hold counts at the leaves only, in place."""
    for node in sorted(range(units.size), key=lambda one: -len(units.ancestors[one])):
        if units.parents[node] >= 0:
            leaves[..., units.parents[node], :] += leaves[..., node, :]
    for node in sorted(range(periods.size), key=lambda one: -len(periods.ancestors[one])):
        if periods.parents[node] >= 0:
            leaves[..., periods.parents[node]] += leaves[..., node]
    return leaves
