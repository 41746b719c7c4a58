"""Which more cells must be hidden so that no hidden count follows from sums: each small count is given another world that looks the same.

A table of counts over units and periods is published with its sums. An exchange takes two units and two periods and moves some records
round the four cells: what one unit gains in one period it loses in the other, and the other unit the reverse, so that every sum above
stays what it is. Where the records only change class in place (an effect for a non-effect), the size of every cell stays too. If all cells
that an exchange changes are hidden, nobody can tell the world after it from the world before it: the hidden count may be either. So a
count is safe when exchanges reach every value that it must be possible to have, and hiding still more never makes it less so.

Where a unit or a period has others below it, an exchange is made at the leaves, and changes every sum between the leaf and the two units'
(or periods') first common node.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import groupby
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from pipelines.trees import NO_ROW, Numbers, Tree, Weights

Bools = NDArray[np.bool_]

NOTHING: Final = -1
"""In place of a class: records come from or go to another cell as they are, and the sizes of cells change."""

PLENTY: Final = 1_000_000_000
"""How many of each class are outside the table."""

DEAR: Final = 5
"""How many times its records a cell costs that should be seen."""

CROWD: Final = 60
"""More needs than this below one unit and in one period are met together."""

AT_ONCE: Final = 100
"""After so many searches it is looked at again which of the other needs are met by what they hid."""

ATOMS: Final = 6
"""Leaves below a cell that are tried for an exchange before it is sought further up."""

Pair = tuple[int, int]
"""(class that grows, class that shrinks) in the cell in question."""


class Need(NamedTuple):
    """A hidden count must be able to be higher by so much (or, with the pairs turned round, lower).

    pairs   (class that grows, class that shrinks): any of them will do, several may add up
    """

    table: int
    unit: int
    period: int
    by: int
    pairs: tuple[Pair, ...]


@dataclass(frozen=True)
class Needs:
    """Many needs with the same pairs: arrays of table, unit node, period node and by how much."""

    table: Numbers
    unit: Numbers
    period: Numbers
    by: Numbers
    pairs: tuple[Pair, ...]

    def some(self, which: Numbers) -> "Needs":
        """Those at some places."""
        return Needs(self.table[which], self.unit[which], self.period[which], self.by[which], self.pairs)

    def each(self) -> Iterator[Need]:
        """One by one."""
        for place in zip(self.table.tolist(), self.unit.tolist(), self.period.tolist(), self.by.tolist(), strict=True):
            yield Need(*place, self.pairs)


@dataclass
class Cells:
    """Counts of one or more tables over the same two trees, and what is hidden of them.

    counts      [table, class, unit node, period node], the strangers' included
    hidden      [table, unit node, period node]; nodes that nobody publishes are hidden
    least       the smallest size that a row can have by what it says of itself; None: a row that stands there holds somebody
    dear        cells that are hidden only where it costs much less than the next: what must be seen (None: none)
    blocks      (table, unit, period): all cells of the units and periods just below are hidden, and a row stands for each of them
    views       what searches have seen of the tables
    together    tables that show the same sizes, whose hidden cells are the same: for each table the numbers of its group, itself included
    companions  classes of the others in a group that may move along when sizes change
    """

    units: Tree
    periods: Tree
    counts: Numbers
    hidden: Bools
    together: Sequence[tuple[int, ...]] = ()
    companions: tuple[int, ...] = ()
    least: Numbers | None = None
    dear: Bools | None = None
    blocks: frozenset[tuple[int, int, int]] = frozenset()
    views: dict[tuple[int, int, int], "_View"] = field(default_factory=dict)
    sizes: Numbers = field(init=False)
    room: Numbers = field(init=False)

    def __post_init__(self) -> None:
        self.sizes = self.counts.sum(axis=1)
        self.room = self.sizes - (1 if self.least is None else self.least) + 1
        # What a leaf loses, the rows above it lose: none of them may come below its least either.
        for node in self.units.downward:
            self.room[:, node] = np.minimum(self.room[:, node], self.room[:, self.units.parents[node]])
        for node in self.periods.downward:
            self.room[:, :, node] = np.minimum(self.room[:, :, node], self.room[:, :, self.periods.parents[node]])
        self.hidden[:, self.units.rows == NO_ROW] = True
        self.hidden[:, :, self.periods.rows == NO_ROW] = True

    def others(self, table: int) -> tuple[int, ...]:
        """The other tables of its group."""
        return tuple(one for one in self.together[table] if one != table) if self.together else ()

    @cached_property
    def steps(self) -> list[tuple[int, int]]:
        """How many steps above the node over a need each of the two common nodes of an exchange is, near by first."""
        units_up, periods_up = (range(max(map(len, tree.ancestors))) for tree in (self.units, self.periods))
        return sorted(((i, j) for i in units_up for j in periods_up), key=sum)

    @cached_property
    def is_moved(self) -> Bools:
        """Unit nodes that share their row with another."""
        rows = self.units.rows
        return np.asarray(
            (rows != NO_ROW) & (np.bincount(rows[rows != NO_ROW], minlength=rows.max(initial=0) + 1)[np.maximum(rows, 0)] > 1)
        )

    @cached_property
    def going_along(self) -> Numbers:
        """How many records can move along in every other table of the group: of the one class that each has most of."""
        found = np.full_like(self.sizes, PLENTY)
        for table in range(len(found)):
            for other in self.others(table):
                found[table] = np.minimum(found[table], self.counts[other, self._usual(other)])
        return found

    def _usual(self, table: int) -> int:
        leaves = np.ix_(self.units.leaves[:-1], self.periods.leaves[:-1])
        return self.companions[int(np.argmax([self.counts[table, name][leaves].sum() for name in self.companions]))]

    def depth(self, need: "Need") -> tuple[int, int, int, int]:
        """Order of needs: by table, from coarse to fine, the largest first."""
        return need.table, len(self.periods.ancestors[need.period]), len(self.units.ancestors[need.unit]), -need.by

    def view(self, table: int, above: int, over: int) -> "_View":
        """The leaves of a table below two nodes, with the prices of now."""
        key = table, above, over
        if key in self.views:
            self.views[key].renew(self, table)
        else:
            self.views[key] = _View(self, table, above, over)
        return self.views[key]

    def hide(self, table: int, unit: int, period: int) -> None:
        """Hide the row that a node is part of, in every table of the group."""
        nodes = self.units.of_row[self.units.rows[unit]] if self.units.rows[unit] != NO_ROW else np.array([unit])
        for one in self.together[table] if self.together else (table,):
            self.hidden[one, nodes, period] = True


def with_strangers(counts: Numbers, units: Tree, periods: Tree) -> Numbers:
    """Counts at the nodes of both trees with plenty at the strangers."""
    counts[..., units.stranger, :] = PLENTY
    counts[..., periods.stranger] = PLENTY
    return counts


def protect(cells: Cells, needs: Sequence[Needs], further: int | None = None) -> list[Need]:
    """Hide more cells until every need is met; returns those that no hiding meets.

    further   how many steps up the trees an exchange may be sought (None: to the top of both)
    """
    waiting = list(_not_met(cells, needs))
    if _hide_crowds(cells, waiting):
        waiting = list(_not_met(cells, _together(waiting)))
    unmet: list[Need] = []
    while waiting:
        # The coarsest first: what is hidden for the whole of a period serves its parts as well.
        waiting.sort(key=cells.depth)
        before = np.count_nonzero(cells.hidden)
        unmet += [need for need in waiting[:AT_ONCE] if not _Search(cells, need).meet(further)]
        waiting = waiting[AT_ONCE:]
        if np.count_nonzero(cells.hidden) > before:
            waiting = list(_not_met(cells, _together(waiting), further=0))
    return unmet


def _together(needs: Sequence[Need]) -> list[Needs]:
    """Needs by their pairs."""
    found: dict[tuple[Pair, ...], list[Need]] = defaultdict(list)
    for need in needs:
        found[need.pairs].append(need)
    made: list[Needs] = []
    for pairs, alike in found.items():
        table, unit, period, by = np.array([need[:4] for need in alike], dtype=np.int64).T
        made.append(Needs(table, unit, period, by, pairs))
    return made


def _hide_crowds(cells: Cells, needs: Sequence[Need]) -> bool:
    """Units too small for so fine a period are hidden in all of its kind, where many in one place are: their coarser periods stay.

    That is what searching for each would come to, and takes no time.
    """
    crowds: dict[tuple[int, int, int], set[int]] = defaultdict(set)
    counts: Counter[tuple[int, int, int]] = Counter()
    for need in needs:
        place = need.table, int(cells.units.parents[need.unit]), int(cells.periods.parents[need.period])
        crowds[place].add(need.unit)
        counts[place] += 1
    large = [place for place, count in counts.items() if count > CROWD]
    for table, above, over in large:
        for unit in crowds[table, above, over]:
            for period in cells.periods.level(over).children.tolist():
                cells.hide(table, unit, period)
    return bool(large)


def _not_met(cells: Cells, needs: Sequence[Needs], further: int | None = None) -> Iterator[Need]:
    """The needs that what is hidden already does not meet: many at once, by products of matrices, near by first and then further up.

    further   how many steps further up (None: to the top of both trees)
    """
    squares: dict[tuple[int, int], _Square] = {}
    for alike in (_outside_blocks(cells, one) for one in needs if len(one.table)):
        still = alike.some(np.flatnonzero(~cells.is_moved[alike.unit]))
        for units_up, periods_up in cells.steps:
            if len(still.table) and (further is None or units_up + periods_up <= further):
                still = _not_met_at(cells, squares, still, units_up, periods_up)
        yield from still.each()
        yield from alike.some(np.flatnonzero(cells.is_moved[alike.unit])).each()


def _not_met_at(cells: Cells, squares: dict[tuple[int, int], "_Square"], needs: Needs, units_up: int, periods_up: int) -> Needs:
    """Those that no exchanges meet between leaves below the nodes so many steps above each."""
    above, over = cells.units.above(needs.unit, units_up + 1), cells.periods.above(needs.period, periods_up + 1)
    places, place = np.unique(np.stack([above, over]), axis=1, return_inverse=True)
    order = np.argsort(place.ravel(), kind="stable")
    met = np.zeros(len(needs.table), dtype=bool)
    for which, here in zip(places.T.tolist(), np.split(order, np.cumsum(np.bincount(place.ravel()))[:-1]), strict=True):
        if min(which) >= 0:
            square = squares.setdefault((which[0], which[1]), _Square(cells, which[0], which[1]))
            met[here] = square.met(needs.some(here))
    return needs.some(np.flatnonzero(~met))


def _outside_blocks(cells: Cells, needs: Needs) -> Needs:
    """The needs that the margins of a block do not meet.

    Where every cell of a table is hidden and only its margins are known, a cell can be anything from max(0, row + column - all) to
    min(row, column) (Frechet), and the other cells follow.
    """
    above, over = cells.units.parents[needs.unit], cells.periods.parents[needs.period]
    inside = np.array(
        [place in cells.blocks for place in zip(needs.table.tolist(), above.tolist(), over.tolist(), strict=True)], dtype=bool
    )
    met = np.zeros(len(inside), dtype=bool)
    for grows in (True, False):
        classes = [pair[not grows] for pair in needs.pairs if pair[grows] == NOTHING]
        if not classes or not inside.any():
            continue
        counts = cells.counts[:, classes].sum(axis=1)
        here = counts[needs.table, needs.unit, needs.period]
        row, column, whole = (
            counts[needs.table, unit, period] for unit, period in ((needs.unit, over), (above, needs.period), (above, over))
        )
        reach = np.minimum(row, column) - here if grows else here - np.maximum(0, row + column - whole)
        met |= inside & ~cells.is_moved[needs.unit] & (reach >= needs.by)
    return needs.some(np.flatnonzero(~met))


class _Square:
    """All leaves below one unit and one period, of several tables at once, and the exchanges between them."""

    def __init__(self, cells: Cells, above: int, over: int) -> None:
        self.cells = cells
        self.above, self.over = cells.units.level(above), cells.periods.level(over)
        self.is_flat = self.above.is_flat and self.over.is_flat

    def met(self, needs: Needs) -> Bools:
        """Which of the needs, all below the two nodes, are met by exchanges between the hidden leaves below these."""
        found = np.zeros(len(needs.table), dtype=bool)
        for by in np.unique(needs.by).tolist():
            here = np.flatnonzero(needs.by == by)
            found[here] = self._met(needs.some(here), by)
        return found

    def _met(self, needs: Needs, by: int) -> Bools:
        tables, table = np.unique(needs.table, return_inverse=True)
        unit, period = np.searchsorted(self.above.below, needs.unit), np.searchsorted(self.over.below, needs.period)
        hidden = self._hidden(tables)
        met = np.zeros(len(needs.table), dtype=bool)
        for pair in needs.pairs:
            if not met.all():
                met |= self._at_nodes(self._at_once(tables, pair, hidden, by))[table.ravel(), unit, period]
        if by > 1 and not met.all():
            met |= self._at_nodes(self._one_by_one(tables, needs.pairs, hidden, by))[table.ravel(), unit, period]
        return met

    def _at_once(self, tables: Numbers, pair: Pair, hidden: Bools, by: int) -> Bools:
        """Leaves for which one exchange of all records will do."""
        gives, takes = (self._may_lose(tables, pair, name, by, by) & hidden for name in pair)
        return np.asarray(takes & (self._exchanges(gives, takes) > 0.5))

    def _one_by_one(self, tables: Numbers, pairs: Sequence[Pair], hidden: Bools, by: int) -> Bools:
        """Leaves for which exchanges of one record each will do, every one with another unit and another period for its pair.

        Among so many exchanges there are at least their number over the most that any unit or period has part in, all apart (Koenig).
        Of each class that shrinks one pair is counted; cells that give to several pairs must have a record for each of them.
        """
        kinds = min(len({shrinks for _, shrinks in pairs}), by)
        found = np.zeros_like(hidden)
        for several in {1, kinds}:
            reach: dict[int, Numbers] = {}
            for pair in pairs:
                here = self._apart(tables, pair, hidden, several, by)
                reach[pair[1]] = np.maximum(reach.get(pair[1], np.zeros_like(here)), here)
            found |= (sum(reach.values()) if several > 1 or kinds == 1 else np.max(list(reach.values()), axis=0)) >= by
        enough = hidden & found
        return np.asarray(enough & (self._leaves(self.cells.room[tables]) > by) if any(NOTHING in pair for pair in pairs) else enough)

    def _apart(self, tables: Numbers, pair: Pair, hidden: Bools, several: int, by: int) -> Numbers:
        """How many exchanges of one record for each leaf surely have no other unit and no other period in common."""
        grows, shrinks = pair
        # Several leaves that lose a record each may lie below one row: it must have room for all of them.
        room = several if self.is_flat else by
        gives = self._may_lose(tables, pair, grows, several, room) & hidden
        takes = self._may_lose(tables, pair, shrinks, 1, room) & hidden
        if shrinks != NOTHING and NOTHING in pair:
            takes &= self._leaves(self.cells.going_along[tables]) >= several
        most = np.maximum(np.maximum(gives.sum(axis=1, keepdims=True), gives.sum(axis=2, keepdims=True)), 1)
        found = np.floor(self._exchanges(gives, takes) / most).astype(np.int64)
        if shrinks == NOTHING:
            return np.asarray(found)
        found = np.minimum(found, self._leaves(self.cells.counts[tables, shrinks]))
        return np.asarray(np.where(self._leaves(self.cells.going_along[tables]) >= by, found, 0) if NOTHING in pair else found)

    def _hidden(self, tables: Numbers) -> Bools:
        """Leaves of which every sum up to the two nodes is hidden."""
        shown = ~self.cells.hidden[tables][:, self.above.below][:, :, self.over.below]
        return np.asarray(self.above.chains @ shown.astype(np.float32) @ self.over.chains.T < 0.5)

    def _may_lose(self, tables: Numbers, pair: Pair, name: int, by: int, room: int) -> Bools:
        """Leaves that have so many of a class to lose; where sizes change, that have the room for it, and whose companions can go along."""
        if name == NOTHING:
            return np.asarray(self._leaves(self.cells.room[tables]) > 0)
        enough = self._leaves(self.cells.counts[tables, name]) >= by
        if NOTHING in pair:
            enough = enough & (self._leaves(self.cells.room[tables]) > room) & (self._leaves(self.cells.going_along[tables]) >= by)
        return np.asarray(enough)

    def _leaves(self, nodes: Numbers) -> Numbers:
        return nodes[:, self.above.leaves][:, :, self.over.leaves]

    def _exchanges(self, may_give: Bools, may_take: Bools) -> Weights:
        """How many exchanges there are for each leaf: pairs of another unit and another period, both below other children."""
        gives, takes = may_give.astype(np.float32), may_take.astype(np.float32)
        apart = (self.above.child[:, None] != self.above.child[None, :]).astype(np.float32)
        found = ((gives @ takes.transpose(0, 2, 1)) * apart) @ gives
        if len(self.over.children) == len(self.over.leaves):
            return np.asarray(found - gives * (apart @ (gives * takes)))
        for child in range(len(self.over.children)):
            own = self.over.child == child
            found[:, :, own] -= ((gives[:, :, own] @ takes[:, :, own].transpose(0, 2, 1)) * apart) @ gives[:, :, own]
        return np.asarray(found)

    def _at_nodes(self, met: Bools) -> Bools:
        """Whether any leaf is met at or below each node of the two levels."""
        return np.asarray(self.above.chains.T @ met.astype(np.float32) @ self.over.chains > 0.5)


class Exchange(NamedTuple):
    """Two leaves of each tree, by their places among the leaves of a region, and the classes that change places."""

    unit: int
    period: int
    other_unit: int
    other_period: int
    pair: Pair


@dataclass
class Plan:
    """What to hide for a need: nodes of both trees, and how many records that hides."""

    hides: list[tuple[int, int]] = field(default_factory=list)
    cost: float = 0.0


class _Search:
    """The cheapest exchange for one need: near by first, then between leaves further apart, whose common nodes lie higher."""

    def __init__(self, cells: Cells, need: Need) -> None:
        self.cells, self.need = cells, need

    def meet(self, further: int | None) -> bool:
        """Hide what it takes; whether it can be done at all."""
        above, over = self.cells.units.ancestors[self.need.unit], self.cells.periods.ancestors[self.need.period]
        plans: list[Plan] = []
        for step, near in groupby(self.cells.steps, key=sum):
            if further is not None and step > further:
                break
            # Once there is a way, one further up is looked at only where the cell's own sums on the way there are hidden already.
            levels = [(above[i], over[j]) for i, j in near if i < len(above) and j < len(over) and (not plans or self._is_open(i, j))]
            plans += [plan for level in levels if (plan := self._plan(*level)) is not None]
            if (plans and not levels) or any(plan.cost == 0 for plan in plans):
                break
        for unit, period in min(plans, key=lambda plan: plan.cost).hides if plans else ():
            self.cells.hide(self.need.table, unit, period)
        return bool(plans)

    def _is_open(self, units_up: int, periods_up: int) -> bool:
        units = [self.need.unit, *self.cells.units.ancestors[self.need.unit]][: units_up + 1]
        periods = [self.need.period, *self.cells.periods.ancestors[self.need.period]][: periods_up + 1]
        return bool(self.cells.hidden[self.need.table][units][:, periods].all())

    def _plan(self, above: int, over: int) -> Plan | None:
        """One exchange of all that is needed, else several of one record each."""
        region = _Region(self.cells, self.need, above, over)
        found = region.cheapest(self.need.by)
        if found is not None:
            plan = Plan()
            region.take(found, self.need.by, plan)
            return plan
        return self._several(region) if self.need.by > 1 or len(self.need.pairs) > 1 else None

    def _several(self, region: "_Region") -> Plan | None:
        plan = Plan()
        for _ in range(self.need.by):
            found = region.cheapest(1)
            if found is None:
                return None
            region.take(found, 1, plan)
        return plan


class _View:
    """One table at the leaves below a unit and a period: counts, room, and what each leaf costs to hide with its sums up to the two nodes.

    Made once for all needs there; as long as nothing more is hidden the prices stay too.
    """

    def __init__(self, cells: Cells, table: int, above: int, over: int) -> None:
        self.above, self.over = cells.units.level(above), cells.periods.level(over)
        leaves = np.ix_(self.above.leaves, self.over.leaves)
        self.counts = cells.counts[table][:, self.above.leaves][:, :, self.over.leaves]
        self.sizes, self.room = cells.sizes[table][leaves], cells.room[table][leaves]
        below = np.ix_(self.above.below, self.over.below)
        self.room_below = cells.room[table][below]
        price = np.minimum(cells.sizes[table][below], PLENTY) + 1.0
        price = price if cells.dear is None else price * np.where(cells.dear[table][below], DEAR, 1)
        self.full_price, self.hidden = price, np.zeros(price.shape, dtype=bool)
        self.price, self.cost = price, self.costs(price)
        self.renew(cells, table)

    def renew(self, cells: Cells, table: int) -> None:
        """The prices again, where more is hidden than when they were last made."""
        hidden = cells.hidden[table][self.above.below][:, self.over.below]
        if not np.array_equal(hidden, self.hidden):
            self.hidden = hidden
            self.price = np.where(hidden, 0, self.full_price)
            self.cost = self.costs(self.price)

    def costs(self, price: NDArray[np.float64]) -> Weights:
        """What every leaf costs."""
        return np.asarray(self.above.chains @ price.astype(np.float32) @ self.over.chains.T)


class _Region:
    """The leaves below a unit and a period as one need sees them: what they have left to give, and what it costs to hide them."""

    def __init__(self, cells: Cells, need: Need, above: int, over: int) -> None:
        self.cells, self.need = cells, need
        view = cells.view(need.table, above, over)
        self.above, self.over, self.counts, self.sizes, self.room = view.above, view.over, view.counts, view.sizes, view.room
        self.view, self.price, self.cost, self.is_touched = view, view.price, view.cost, False
        self.used = np.zeros(self.sizes.shape, dtype=np.int64)
        self.others = cells.others(need.table) if any(NOTHING in pair for pair in need.pairs) else ()
        row = cells.units.rows[need.unit]
        own = [cells.units.under[node] for node in (cells.units.of_row[row] if row != NO_ROW else [need.unit])]
        self.is_own = np.isin(self.above.leaves, np.concatenate(own))
        self.mine = np.searchsorted(self.above.leaves, cells.units.under[need.unit])
        self.when = np.searchsorted(self.over.leaves, cells.periods.under[need.period])

    def cheapest(self, by: int) -> Exchange | None:
        """The exchange of so many records that hides the fewest more."""
        cost = self.cost
        found: list[tuple[float, Exchange]] = []
        for unit, period in self._atoms(cost):
            for pair in self.need.pairs:
                best = self._best(cost, unit, period, pair, by)
                if best is not None:
                    found.append(best)
                if best is not None and best[0] == 0:
                    return best[1]
        return min(found, key=lambda one: one[0])[1] if found else None

    def take(self, found: Exchange, by: int, plan: Plan) -> None:
        """Note what an exchange uses up and what must be hidden for it."""
        grows, shrinks = found.pair
        if not self.is_touched:
            self.counts, self.price, self.room, self.is_touched = self.counts.copy(), self.price.copy(), self.room.copy(), True
            self.room_below = self.view.room_below.copy()
        for unit, period, loses in (
            (found.unit, found.period, shrinks), (found.other_unit, found.other_period, shrinks),
            (found.other_unit, found.period, grows), (found.unit, found.other_period, grows),
        ):  # fmt: skip
            if loses != NOTHING:
                self.counts[loses, unit, period] -= by
            self.used[unit, period] += by
            units, periods = np.flatnonzero(self.above.chains[unit]), np.flatnonzero(self.over.chains[period])
            chain = np.ix_(units, periods)
            plan.cost += float(self.price[chain].sum())
            plan.hides += [(int(self.above.below[one]), int(self.over.below[other])) for one in units for other in periods]
            self.price[chain] = 0
            self._lose(units, periods, by)
        self.cost = self.view.costs(self.price)

    def _lose(self, units: Numbers, periods: Numbers, by: int) -> None:
        """Leaves and the rows above them have less room: other leaves below these rows have no more than what is left of it."""
        self.room_below[np.ix_(units, periods)] -= by
        for one in units:
            for other in periods:
                leaves = np.ix_(np.flatnonzero(self.above.chains[:, one]), np.flatnonzero(self.over.chains[:, other]))
                self.room[leaves] = np.minimum(self.room[leaves], self.room_below[one, other])

    def _atoms(self, cost: Weights) -> list[tuple[int, int]]:
        """Leaves of the cell itself: those that are hidden already first, then those with most records."""
        if len(self.mine) == len(self.when) == 1:
            return [(int(self.mine[0]), int(self.when[0]))]
        here = np.ix_(self.mine, self.when)
        order = np.lexsort((-self.sizes[here].ravel(), cost[here].ravel()))
        order = order[self._can_change[here].ravel()[order]][:ATOMS]
        return [(int(self.mine[one // len(self.when)]), int(self.when[one % len(self.when)])) for one in order.tolist()]

    @property
    def _can_change(self) -> Bools:
        """Leaves that hold somebody of a class that may shrink, or that somebody may come to."""
        shrinks = {shrinks for _, shrinks in self.need.pairs}
        held = self.counts[sorted(shrinks - {NOTHING})].sum(axis=0) > 0
        return np.asarray(held | (self.sizes > 0) if NOTHING in shrinks else held)

    def _best(self, cost: Weights, unit: int, period: int, pair: Pair, by: int) -> tuple[float, Exchange] | None:
        """The cheapest other unit and other period for one leaf and one pair of classes."""
        grows, shrinks = pair
        if not self._may_lose(pair, shrinks, by)[unit, period]:
            return None
        gives, takes = self._may_lose(pair, grows, by), self._may_lose(pair, shrinks, by)
        units = np.flatnonzero(gives[:, period] & (self.above.child != self.above.child[unit]) & ~self.is_own)
        periods = np.flatnonzero(gives[unit] & (self.over.child != self.over.child[period]))
        if not len(units) or not len(periods):
            return None
        corners = np.ix_(units, periods)
        possible = takes[corners] & self._companions(pair, unit, period, units, periods, by)
        total = cost[units, period][:, None] + cost[unit, periods][None, :] + cost[corners]
        total = np.where(possible, total, np.inf)
        best = int(total.argmin())
        if not np.isfinite(total.flat[best]):
            return None
        other_unit, other_period = int(units[best // len(periods)]), int(periods[best % len(periods)])
        return float(total.flat[best]) + float(cost[unit, period]), Exchange(unit, period, other_unit, other_period, pair)

    def _may_lose(self, pair: Pair, name: int, by: int) -> Bools:
        if name == NOTHING:
            return np.asarray(self.room > 0)
        enough = self.counts[name] >= by
        return np.asarray(enough & (self.room > by) if NOTHING in pair else enough)

    def _companions(self, pair: Pair, unit: int, period: int, units: Numbers, periods: Numbers, by: int) -> Bools:
        """Whether in every other table of the group records of one class each can move with these."""
        going = np.ones((len(units), len(periods)), dtype=bool)
        own, when = self.above.leaves[unit], self.over.leaves[period]
        others_units, others_periods = self.above.leaves[units], self.over.leaves[periods]
        for other in self.others if NOTHING in pair else ():
            counts = self.cells.counts[other]
            if pair[1] == NOTHING:
                some, rest = counts[self._moving, others_units[:, None], when], counts[self._moving, own, others_periods[:, None]]
                shared = np.minimum(some.T[:, :, None], rest.T[:, None, :]).sum(axis=0)
                shared = shared - self.used[units, period][:, None] - self.used[unit, periods][None, :]
            else:
                corners = counts[self._moving[:, None, None], others_units[:, None], others_periods]
                shared = np.minimum(counts[self._moving, own, when][:, None, None], corners).sum(axis=0)
                shared = shared - self.used[unit, period] - self.used[np.ix_(units, periods)]
            going &= shared >= by
            if not going.any():
                break
        return going

    @property
    def _moving(self) -> Numbers:
        return np.array(self.cells.companions, dtype=np.int64)
