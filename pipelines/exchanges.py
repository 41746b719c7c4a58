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
        unmet += [need for need in waiting[:AT_ONCE] if not _Search(cells, need).meet(further)]
        waiting = list(_not_met(cells, _together(waiting[AT_ONCE:])))
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


def _not_met(cells: Cells, needs: Sequence[Needs]) -> Iterator[Need]:
    """The needs that what is hidden already does not meet next to the cell: many at once, by products of matrices."""
    for alike in (_outside_blocks(cells, one) for one in needs if len(one.table)):
        if not len(alike.table):
            continue
        above, over = cells.units.parents[alike.unit], cells.periods.parents[alike.period]
        places = np.stack([above, over, alike.by])
        kinds, kind = np.unique(places, axis=1, return_inverse=True)
        order = np.argsort(kind.ravel(), kind="stable")
        for which, here in zip(kinds.T.tolist(), np.split(order, np.cumsum(np.bincount(kind.ravel()))[:-1]), strict=True):
            unmet = _Square(cells, which[0], which[1], which[2]).not_met(alike.some(here))
            yield from alike.some(here[unmet]).each()


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
    """All cells below one unit and one period, of several tables at once, and the exchanges of so many records between them."""

    def __init__(self, cells: Cells, above: int, over: int, by: int) -> None:
        self.cells, self.by = cells, by
        self.above, self.over = cells.units.level(above), cells.periods.level(over)

    def not_met(self, needs: Needs) -> Numbers:
        """Places of the needs, all at children of the two nodes, that no exchanges between the hidden leaves below them meet."""
        tables, table = np.unique(needs.table, return_inverse=True)
        unit, period = np.searchsorted(self.above.children, needs.unit), np.searchsorted(self.over.children, needs.period)
        hidden = self._hidden(tables)
        met = np.zeros(len(needs.table), dtype=bool)
        for pair in needs.pairs:
            met |= self._by_child(self._at_once(tables, pair, hidden))[table.ravel(), unit, period]
        if self.by > 1 and not met.all():
            met |= self._by_child(self._one_by_one(tables, needs.pairs, hidden))[table.ravel(), unit, period]
        return np.flatnonzero(~met | self.cells.is_moved[needs.unit])

    def _at_once(self, tables: Numbers, pair: Pair, hidden: Bools) -> Bools:
        """Leaves for which one exchange of all records will do."""
        gives, takes = (self._may_lose(tables, pair, name, self.by) & hidden for name in pair)
        return np.asarray(takes & (self._exchanges(gives, takes) > 0.5))

    def _one_by_one(self, tables: Numbers, pairs: Sequence[Pair], hidden: Bools) -> Bools:
        """Leaves for which exchanges of one record each will do, every one with another unit and another period for its pair.

        Among so many exchanges there are at least their number over the most that any unit or period has part in, all apart (Koenig).
        Of each class that shrinks one pair is counted; cells that give to several pairs must have a record for each of them.
        """
        kinds = min(len({shrinks for _, shrinks in pairs}), self.by)
        found = np.zeros_like(hidden)
        for several in {1, kinds}:
            reach: dict[int, Numbers] = {}
            for pair in pairs:
                here = self._apart(tables, pair, hidden, several)
                reach[pair[1]] = np.maximum(reach.get(pair[1], np.zeros_like(here)), here)
            found |= (sum(reach.values()) if several > 1 or kinds == 1 else np.max(list(reach.values()), axis=0)) >= self.by
        enough = hidden & found
        return np.asarray(enough & (self._leaves(self.cells.room[tables]) > self.by) if any(NOTHING in pair for pair in pairs) else enough)

    def _apart(self, tables: Numbers, pair: Pair, hidden: Bools, several: int) -> Numbers:
        """How many exchanges of one record for each leaf surely have no other unit and no other period in common."""
        grows, shrinks = pair
        gives = self._may_lose(tables, pair, grows, several) & hidden
        takes = self._may_lose(tables, pair, shrinks, 1) & hidden
        if shrinks != NOTHING and NOTHING in pair:
            takes &= self._leaves(self.cells.room[tables]) > several
            takes &= self._leaves(self.cells.going_along[tables]) >= several
        most = np.maximum(np.maximum(gives.sum(axis=1, keepdims=True), gives.sum(axis=2, keepdims=True)), 1)
        found = np.floor(self._exchanges(gives, takes) / most).astype(np.int64)
        return np.asarray(found if shrinks == NOTHING else np.minimum(found, self._leaves(self.cells.counts[tables, shrinks])))

    def _hidden(self, tables: Numbers) -> Bools:
        """Leaves of which every sum up to the two nodes is hidden."""
        shown = ~self.cells.hidden[tables][:, self.above.below][:, :, self.over.below]
        return np.asarray(self.above.chains @ shown.astype(np.float32) @ self.over.chains.T < 0.5)

    def _may_lose(self, tables: Numbers, pair: Pair, name: int, by: int) -> Bools:
        """Leaves that have so many of a class to lose; where sizes change, that keep a record, and whose companions can go along."""
        room = self._leaves(self.cells.room[tables])
        if name == NOTHING:
            return np.asarray(room > 0)
        enough = self._leaves(self.cells.counts[tables, name]) >= by
        if NOTHING in pair:
            enough = enough & (room > by) & (self._leaves(self.cells.going_along[tables]) >= by)
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

    def _by_child(self, met: Bools) -> Bools:
        """Whether any leaf below is met, for every pair of children."""
        units = (self.above.child[:, None] == np.arange(len(self.above.children))).astype(np.float32)
        periods = (self.over.child[:, None] == np.arange(len(self.over.children))).astype(np.float32)
        return np.asarray(units.T @ met.astype(np.float32) @ periods > 0.5)


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
        steps = sorted(((i, j) for i in range(len(above)) for j in range(len(over))), key=sum)
        plans: list[Plan] = []
        for step, near in groupby(steps, key=sum):
            if further is not None and step > further:
                break
            # Once there is a way, one further up is looked at only where the cell's own sums on the way there are hidden already.
            levels = [(above[i], over[j]) for i, j in near if not plans or self._is_open(i, j)]
            plans += [plan for level in levels if (plan := self._plan(*level)) is not None]
            if not levels or any(plan.cost == 0 for plan in plans):
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


class _Region:
    """The leaves below a unit and a period as one need sees them: what they have left to give, and what it costs to hide them."""

    def __init__(self, cells: Cells, need: Need, above: int, over: int) -> None:
        self.cells, self.need = cells, need
        self.above, self.over = cells.units.level(above), cells.periods.level(over)
        leaves = np.ix_(self.above.leaves, self.over.leaves)
        self.counts = cells.counts[need.table][:, self.above.leaves][:, :, self.over.leaves]
        self.sizes, self.room = cells.sizes[need.table][leaves], cells.room[need.table][leaves]
        self.used = np.zeros(self.sizes.shape, dtype=np.int64)
        below = np.ix_(self.above.below, self.over.below)
        price = np.minimum(cells.sizes[need.table][below], PLENTY) + 1.0
        price = price if cells.dear is None else price * np.where(cells.dear[need.table][below], DEAR, 1)
        self.price = np.where(cells.hidden[need.table][below], 0, price)
        others = cells.others(need.table) if any(NOTHING in pair for pair in need.pairs) else ()
        self.others = [cells.counts[other][list(cells.companions)][:, self.above.leaves][:, :, self.over.leaves] for other in others]
        row = cells.units.rows[need.unit]
        own = [cells.units.under[node] for node in (cells.units.of_row[row] if row != NO_ROW else [need.unit])]
        self.is_own = np.isin(self.above.leaves, np.concatenate(own))
        self.mine = np.flatnonzero(np.isin(self.above.leaves, cells.units.under[need.unit]))
        self.when = np.flatnonzero(np.isin(self.over.leaves, cells.periods.under[need.period]))

    def cheapest(self, by: int) -> Exchange | None:
        """The exchange of so many records that hides the fewest more."""
        cost = self.above.chains @ self.price.astype(np.float32) @ self.over.chains.T
        found: list[tuple[float, Exchange]] = []
        for unit, period in self._atoms(cost):
            for pair in self.need.pairs:
                best = self._best(cost, unit, period, pair, by)
                if best is not None:
                    found.append(best)
        return min(found, key=lambda one: one[0])[1] if found else None

    def take(self, found: Exchange, by: int, plan: Plan) -> None:
        """Note what an exchange uses up and what must be hidden for it."""
        grows, shrinks = found.pair
        for unit, period, loses in (
            (found.unit, found.period, shrinks), (found.other_unit, found.other_period, shrinks),
            (found.other_unit, found.period, grows), (found.unit, found.other_period, grows),
        ):  # fmt: skip
            if loses != NOTHING:
                self.counts[loses, unit, period] -= by
            self.used[unit, period] += by
            units, periods = np.flatnonzero(self.above.chains[unit]), np.flatnonzero(self.over.chains[period])
            plan.cost += float(self.price[np.ix_(units, periods)].sum())
            plan.hides += [(int(self.above.below[one]), int(self.over.below[other])) for one in units for other in periods]
            self.price[np.ix_(units, periods)] = 0

    def _atoms(self, cost: Weights) -> list[tuple[int, int]]:
        """Leaves of the cell itself: those that are hidden already first, then those with most records."""
        if len(self.mine) == len(self.when) == 1:
            return [(int(self.mine[0]), int(self.when[0]))]
        here = np.ix_(self.mine, self.when)
        order = np.lexsort((-self.sizes[here].ravel(), cost[here].ravel()))
        order = order[self.sizes[here].ravel()[order] > 0][:ATOMS]
        return [(int(self.mine[one // len(self.when)]), int(self.when[one % len(self.when)])) for one in order.tolist()]

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
        return np.asarray(enough & (self.room - self.used > by) if NOTHING in pair else enough)

    def _companions(self, pair: Pair, unit: int, period: int, units: Numbers, periods: Numbers, by: int) -> Bools:
        """Whether in every other table of the group records of one class each can move with these."""
        going = np.ones((len(units), len(periods)), dtype=bool)
        for other in self.others if NOTHING in pair else ():
            if pair[1] == NOTHING:
                shared = np.minimum(other[:, units, period][:, :, None], other[:, unit, periods][:, None, :]).sum(axis=0)
                shared = shared - self.used[units, period][:, None] - self.used[unit, periods][None, :]
            else:
                shared = np.minimum(other[:, unit, period][:, None, None], other[:, units][:, :, periods]).sum(axis=0)
                shared = shared - self.used[unit, period] - self.used[np.ix_(units, periods)]
            going &= shared >= by
        return going
