"""The attack: everything published as equations over unknown counts, and linear programs for what each hidden one may be."""

import datetime as dt
import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog
from scipy.sparse import csr_array

from tests.attacker.organisations import CLASSES, Counts
from tests.factories_mart import Mart

Numbers = NDArray[np.float64]
Unknowns = NDArray[np.int64]
Atom = tuple[str, tuple[str, ...], str]
"""Indicator, line of units from the top down, and the finest cohort."""

SUMS = {
    "cohort_size": CLASSES, "pending": ("pending",), "matured": CLASSES[1:], "achieved": ("achieved",),
    "not_achieved": ("not_achieved",), "competing": ("competing",), "censored": ("censored",), "unmeasured": ("unmeasured",),
    "denominator": ("achieved", "not_achieved", "competing"),
}  # fmt: skip
"""Which classes each published count is the sum of; shares, limits and ratios are functions of these."""

MISSED = ("not_achieved", "competing")
STRICT = (("achieved",), MISSED)
"""Of these a row says that they are below k (or of everybody), where it is hidden: every value from 1 to k - 1 must stay possible."""

ROUNDS = 8
"""Programs with random goals before each open question gets programs of its own: one answer settles many questions."""

NEAR = 1e-6


@dataclass
class System:
    """Unknown counts, what is known of sums of them. A sum is a list of unknowns and a weight for each."""

    truth: Numbers
    equal: list[tuple[Unknowns, Numbers, float]] = field(default_factory=list)
    at_least: list[tuple[Unknowns, Numbers, float]] = field(default_factory=list)

    def knows(self, unknowns: Unknowns, value: float) -> None:
        self.equal.append((unknowns, np.ones(len(unknowns)), value))

    def knows_at_least(self, unknowns: Unknowns, value: float) -> None:
        self.at_least.append((unknowns, np.ones(len(unknowns)), value))

    def knows_same(self, some: Unknowns, others: Unknowns) -> None:
        self.equal.append((np.concatenate([some, others]), np.repeat([1.0, -1.0], [len(some), len(others)]), 0.0))

    def answers(self, goals: Numbers) -> Numbers:
        """A possible world in which the goal (weights of the unknowns) is largest; within 10,000 of anything."""
        (rows, values), (bounds, least) = self._equations
        solved = linprog(-goals, A_ub=-bounds, b_ub=-least, A_eq=rows, b_eq=values, bounds=(0, 10_000), method="highs")
        if solved.x is None:
            raise AssertionError(f"the published figures contradict each other: {solved.message}")
        return np.asarray(solved.x)

    @cached_property
    def _equations(self) -> tuple[tuple[csr_array, Numbers], tuple[csr_array, Numbers]]:
        return matrix(self.equal, len(self.truth)), matrix(self.at_least, len(self.truth))


@dataclass(frozen=True)
class Question:
    """One hidden count of a published row, and of which unknowns it is the sum."""

    row: tuple[str, str, str]
    what: Sequence[str]
    unknowns: Unknowns
    strict: bool


@dataclass(frozen=True)
class Disclosure:
    """A hidden count that the published figures pin."""

    row: tuple[str, str, str]
    what: Sequence[str]
    truth: int
    low: float
    high: float


def attack(mart: Mart, organisation: str, counts: Counts, k: int) -> Iterator[Disclosure]:
    """Every hidden count below k of which the published figures rule out what must stay possible, and every hidden 100 % that they prove.

    counts   what is behind the figures: to know which hidden counts are small, never to solve for them
    """
    published = Published(mart, organisation)
    for indicators in published.same_people():
        system, questions = _known(published, indicators, counts, k)
        yield from _pinned(system, questions, k)


class Published:
    """What a reader has of one organisation."""

    def __init__(self, mart: Mart, organisation: str) -> None:
        rows = mart.rows(
            "FROM effect_by_unit LEFT JOIN (SELECT unit_id, indicator_id, cohort, attributed_effects, cost_ore, kroner_per_effect,"
            " effects_per_million FROM effect_per_krone WHERE attribution = 'lead') USING (unit_id, indicator_id, cohort)"
            " WHERE starts_with(indicator_id, ?) ORDER BY indicator_id, unit_id, cohort",
            f"{organisation}_",
        )
        self.rows = {(row["indicator_id"], row["unit_id"], row["cohort"]): row for row in rows}
        self.finest = sorted({row["cohort"] for row in rows if "-Q" in row["cohort"]})
        units = mart.rows("FROM dim_unit WHERE unit_id = ? OR starts_with(unit_id, ?)", organisation, f"{organisation}.")
        inner = {unit["parent_id"] for unit in units}
        self.places = [(_line(unit, inner), unit["valid_from"], unit["valid_to"]) for unit in units]
        self.definitions = {
            row["indicator_id"]: json.loads(row["definition"])
            for row in mart.rows("FROM dim_indicator WHERE starts_with(indicator_id, ?)", f"{organisation}_")
        }

    def same_people(self) -> list[list[str]]:
        """Indicators whose cohorts are the same people are attacked together: what one shows of a cohort's size holds for the other."""
        alike: dict[str, list[str]] = defaultdict(list)
        for name, definition in sorted(self.definitions.items()):
            alike[json.dumps([definition.get(part) for part in ("index", "population", "unit")], sort_keys=True)].append(name)
        return list(alike.values())

    def is_absent(self, indicator: str, unit: str, cohort: str) -> bool:
        return (indicator, unit, cohort) not in self.rows

    def atoms(self, indicator: str) -> list[Atom]:
        """Where anybody can be: leaves of the organisation in the periods in which they stand there, and have a row.

        Totals that units report are never those of a unit with others below it.
        """
        own = () if self.definitions[indicator]["kind"] == "reported" else ("",)
        return [
            (indicator, line, cohort)
            for line, first, after in self.places
            for cohort in self.finest
            if (line[-1] or own)
            and _overlaps(cohort, first, after)
            and not any(self.is_absent(indicator, unit, cohort) for unit in line if unit)
        ]

    def may_be_empty(self, row: dict[str, Any], lines: list[tuple[str, ...]]) -> bool:
        """Below a cohort that is hidden as small, rows stand whether anybody is counted in them or not; and a unit may report nought."""
        if self.definitions[row["indicator_id"]]["kind"] == "reported":
            return True
        units = {unit for line in lines for unit in line[: line.index(row["unit_id"]) + 1]} if row["unit_id"] != "(all)" else {"(all)"}
        cohorts = {row["cohort"], "all"} | ({row["cohort"][:4]} if "-Q" in row["cohort"] else set())
        above = {(row["indicator_id"], unit, cohort) for unit in units for cohort in cohorts} - {_key(row)}
        return any(is_small(self.rows[key]) for key in above if key in self.rows) or self._is_in_block(row, lines)

    def _is_in_block(self, row: dict[str, Any], lines: list[tuple[str, ...]]) -> bool:
        """Where everything beside it is hidden as small too, nobody tells which of the rows hold somebody."""
        if row["unit_id"] == "(all)":
            return False
        above = {line[line.index(row["unit_id"]) - 1] for line in lines}
        beside = {line[line.index(unit) + 1] for line, _, _ in self.places for unit in above if unit in line[:-1]} - {""}
        alike = [other for other in self.rows.values() if other["indicator_id"] == row["indicator_id"] and other["unit_id"] in beside]
        return all(is_small(other) for other in alike if len(other["cohort"]) == len(row["cohort"]))


def is_small(row: dict[str, Any]) -> bool:
    """Whether a row says that its cohort is hidden as a whole."""
    return str(row["reason"]).startswith("fewer than")


def _key(row: dict[str, Any]) -> tuple[str, str, str]:
    return row["indicator_id"], row["unit_id"], row["cohort"]


def _line(unit: dict[str, Any], inner: set[str]) -> tuple[str, ...]:
    line = ("(all)", *unit["path"].split("/"))
    return (*line, "") if unit["unit_id"] in inner else line


def _overlaps(cohort: str, first: dt.date | None, after: dt.date | None) -> bool:
    start = dt.date(int(cohort[:4]), 3 * int(cohort[-1]) - 2, 1)
    end = start + dt.timedelta(days=88)
    return (after is None or start < after) and (first is None or end >= first)


def _known(published: Published, indicators: list[str], counts: Counts, k: int) -> tuple[System, list[Question]]:
    """What the published rows say, as equations; what they do not say, as questions."""
    world = _World(published, indicators, counts)
    system = System(world.truth)
    questions: list[Question] = []
    for key, row in published.rows.items():
        if row["indicator_id"] not in indicators:
            continue
        lines = [line for line, _, _ in published.places if row["unit_id"] in line]
        everybody = world.unknowns(row, CLASSES)
        if not is_small(row):
            system.knows_at_least(everybody, k)
        elif not published.may_be_empty(row, lines):
            system.knows_at_least(everybody, 1)
        for name, classes in SUMS.items():
            if row[name] is not None:
                system.knows(world.unknowns(row, classes), row[name])
            elif name != "matured":
                strict = name == "achieved" or (name == "cohort_size" and is_small(row))
                questions.append(Question(key, classes, world.unknowns(row, classes), strict))
        for effects in _by_ratio(row):
            system.knows(world.unknowns(row, ("achieved",)), effects)
        if row["achieved"] is None:
            questions.append(Question(key, MISSED, world.unknowns(row, MISSED), True))
    for other in indicators[1:]:
        for _, line, cohort in published.atoms(other):
            system.knows_same(world.at((indicators[0], line, cohort)), world.at((other, line, cohort)))
    return system, questions


def _by_ratio(row: dict[str, Any]) -> list[float]:
    """Effects that follow from money: kroner over kroner per effect."""
    if row["cost_ore"] is None:
        return []
    found = [row["attributed_effects"]] if row["attributed_effects"] is not None else []
    found += [row["cost_ore"] / 100 / row["kroner_per_effect"]] if row["kroner_per_effect"] else []
    found += [row["cost_ore"] / 1e8 * row["effects_per_million"]] if row["effects_per_million"] is not None else []
    return [float(round(effects, 6)) for effects in found]


class _World:
    """The unknowns of some indicators: one for each class of each leaf and finest cohort in which anybody can be."""

    def __init__(self, published: Published, indicators: list[str], counts: Counts) -> None:
        self.places: dict[Atom, int] = {}
        for indicator in indicators:
            for atom in published.atoms(indicator):
                self.places.setdefault(atom, len(self.places))
        self.truth = np.zeros(len(CLASSES) * len(self.places))
        for (indicator, unit, on, label), count in counts.items():
            if indicator in indicators:
                self.truth[self._class(label) + self._place(published, indicator, unit, on)] += count

    def _place(self, published: Published, indicator: str, unit: str, on: dt.date) -> int:
        cohort = f"{on.year}-Q{(on.month + 2) // 3}"
        (line,) = (
            line
            for line, first, after in published.places
            if unit in line[-2:] and (line[-1] in (unit, "")) and line[line.index(unit) :] in ((unit,), (unit, ""))
            and (first is None or first <= on) and (after is None or on < after)
        )  # fmt: skip
        return self.places[indicator, line, cohort]

    def _class(self, label: str) -> int:
        return CLASSES.index(label) * len(self.places)

    def at(self, atom: Atom) -> Unknowns:
        """All classes of one leaf."""
        places = [self.places[atom]] if atom in self.places else []
        return np.array([self._class(label) + place for label in CLASSES for place in places], dtype=np.int64)

    def unknowns(self, row: dict[str, Any], classes: Sequence[str]) -> Unknowns:
        """What a published count of a row is the sum of."""
        here = [
            place
            for (indicator, line, cohort), place in self.places.items()
            if indicator == row["indicator_id"] and row["unit_id"] in line and row["cohort"] in (cohort, cohort[:4], "all")
        ]
        return np.array([self._class(label) + place for label in classes for place in here], dtype=np.int64)


def _pinned(system: System, questions: list[Question], k: int) -> Iterator[Disclosure]:
    """Ask until every question is settled or proven: worlds found for one question answer others on the way."""
    if not questions:
        return
    weights, _ = matrix([(question.unknowns, np.ones(len(question.unknowns)), 0.0) for question in questions], len(system.truth))
    truth = weights @ system.truth
    strict = np.array([question.strict for question in questions])
    achieved = np.array([_achieved(questions, number, truth) for number in range(len(questions))])
    low, high = truth.copy(), truth.copy()
    rng = np.random.default_rng(len(questions))

    def settled() -> NDArray[np.bool_]:
        small = (truth > 0) & (truth < k)
        wide = np.where(strict, (low <= 1 + NEAR) & (high >= k - 1 - NEAR) & (high - low > 1 - NEAR), high - low > 1 - NEAR)
        everybody = strict & (truth == 0) & achieved
        return np.where(small, wide, np.where(everybody, high > 1 - NEAR, True))

    def note(world: Numbers) -> None:
        np.minimum(low, weights @ world, out=low)
        np.maximum(high, weights @ world, out=high)

    for _ in range(ROUNDS):
        unsettled = ~settled()
        if not unsettled.any():
            return
        note(system.answers(weights.T @ (unsettled * rng.choice([-1.0, 1.0], size=len(questions)))))
    for number, question in enumerate(questions):
        for sign in (1.0, -1.0):
            if not settled()[number]:
                note(system.answers(sign * weights[[number]].toarray().ravel()))
        if not settled()[number]:
            yield Disclosure(question.row, question.what, int(truth[number]), float(low[number]), float(high[number]))


def _achieved(questions: list[Question], number: int, truth: Numbers) -> bool:
    """Whether a question is of the complement of effects, and there are effects: then 0 says that everybody had one."""
    if questions[number].what != MISSED:
        return False
    row = questions[number].row
    return any(other.row == row and tuple(other.what) == ("achieved",) and truth[i] > 0 for i, other in enumerate(questions))


def matrix(sums: list[tuple[Unknowns, Numbers, float]], width: int) -> tuple[csr_array, Numbers]:
    rows = np.repeat(np.arange(len(sums)), [len(unknowns) for unknowns, _, _ in sums])
    columns = np.concatenate([unknowns for unknowns, _, _ in sums]) if sums else np.zeros(0, dtype=np.int64)
    weights = np.concatenate([weight for _, weight, _ in sums]) if sums else np.zeros(0)
    return csr_array((weights, (rows, columns)), shape=(len(sums), width)), np.array([value for _, _, value in sums], dtype=float)
