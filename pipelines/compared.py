"""How one published figure came from what it was to what it is: its values step by step, and the share of each cause in the change.

Causes are taken one at a time in the order of `CAUSES`; each step's mart is built from the store with one cause more. So the shares of the
causes telescope: they add up to the difference of the two published figures exactly, whatever the figures are. Another order would share
the change out differently where causes meet (a corrected event under a new definition); the order is fixed so that two people get the same.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from typing import Any

from pipelines.disclosure import SUPPRESSED, is_small

NOT_REPRODUCED = "not_reproduced"
CAUSES = (
    "new_events",  # recorded or arrived since, other than those below
    "corrections",  # retractions and replacements, of whatever
    "ledger",  # entries booked since
    "organisation",  # units of the catalogue; opened, moved, merged, closed
    "definitions",  # core tasks, indicators, outputs, the municipality's own settings
    "prices",  # mapping rules, keys, price index, values, price year
    "time",  # the as-of date: cohorts that mature, and what happened meanwhile
    NOT_REPRODUCED,  # what the store cannot bring back (erasure), or another version of this program counts otherwise
)
COUNTS = ("achieved", "denominator")
MEASURES = (*COUNTS, "share", "cost_ore", "effects_per_million")
OF_PERSONS = ("achieved", "denominator", "share", "effects_per_million")
"""Measures from whose change a number of persons could be worked out."""

A_FEW = "a few"

Figure = dict[str, Any]
"""One row of `compare_figures.sql`."""
Way = Sequence[tuple[str, Figure | None]]
"""(cause of the step, the figure after it), first the earlier version's and last the later one's; None: there is no such row."""


@dataclass(frozen=True)
class Change:
    """The change of one figure between two versions.

    before, after   measure -> value; without the measures that may not be told
    by_cause        measure -> cause -> its part of after - before, of what can be told; the parts add up exactly
    appeared_by     measure -> the cause with which a figure came to be there, or went
    hidden          why numbers are left out: None, suppressed (in either version), or a few (persons)
    causes          what had a part in the change, whether or not its numbers can be told
    """

    unit_id: str
    core_task_id: str
    indicator_id: str
    cohort: str
    state_before: str | None
    state_after: str | None
    before: dict[str, Decimal | None]
    after: dict[str, Decimal | None]
    by_cause: dict[str, dict[str, Decimal]]
    appeared_by: dict[str, str]
    hidden: str | None
    split_hidden: bool
    causes: tuple[str, ...]

    @property
    def size(self) -> tuple[Decimal, Decimal]:
        """How large the change is, for the order of a table: in share, then in effects."""
        return abs(self._difference("share")), abs(self._difference("achieved"))

    def _difference(self, measure: str) -> Decimal:
        return (self.after.get(measure) or Decimal(0)) - (self.before.get(measure) or Decimal(0))

    def as_dict(self) -> dict[str, Any]:
        """As JSON; money in oere."""
        told = self.__dict__ | {"causes": list(self.causes)}
        return {name: _plain(value) for name, value in told.items()}


def change_of(way: Way, k: int) -> Change | None:
    """The change of a figure along a way of causes; None where nothing changed.

    k   the larger k of the two versions: a change of 1 to k - 1 persons is told as "a few", and so is every number it would follow from
    """
    first, last = way[0][1], way[-1][1]
    known = last or first or next((figure for _, figure in way if figure), None)
    if known is None or _same(first, last):
        return None
    hidden = _why_hidden(first, last, k)
    measures = [measure for measure in MEASURES if hidden is None or measure not in OF_PERSONS]
    # A step on the way that the rules of disclosure hide, or that only a few persons make, would be told by its neighbours.
    split_hidden = hidden is not None or _few_on_the_way(way, k)
    told = [measure for measure in measures if not split_hidden or measure not in OF_PERSONS]
    return Change(
        unit_id=known["unit_id"], core_task_id=known["core_task_id"], indicator_id=known["indicator_id"], cohort=known["cohort"],
        state_before=first["state"] if first else None, state_after=last["state"] if last else None,
        before={measure: value(first, measure) for measure in measures}, after={measure: value(last, measure) for measure in measures},
        by_cause={measure: parts for measure in told if (parts := split(way, measure)) is not None},
        appeared_by={measure: cause for measure in told if (cause := _appeared(way, measure))},
        hidden=hidden, split_hidden=split_hidden, causes=_causes(way),
    )  # fmt: skip


def split(way: Way, measure: str) -> dict[str, Decimal] | None:
    """Cause -> its part of the change; the parts add up to the difference exactly. None where either end has no value.

    Where a step on the way has no value (nobody mature yet), the next step that has one takes the part of both.
    """
    before, after = value(way[0][1], measure), value(way[-1][1], measure)
    if before is None or after is None:
        return None
    parts: dict[str, Decimal] = {}
    standing = before
    for cause, figure in way[1:]:
        now = value(figure, measure)
        if now is not None and now != standing:
            parts[cause] = parts.get(cause, Decimal(0)) + now - standing
            standing = now
    return {cause: part for cause, part in parts.items() if part}


def value(figure: Figure | None, measure: str) -> Decimal | None:
    """A measure as published, digit for digit. A cohort without a row is one of nobody: its counts are nought, its ratios null."""
    if figure is None:
        return Decimal(0) if measure in COUNTS else None
    return None if figure[measure] is None else Decimal(repr(figure[measure]))


def _same(first: Figure | None, last: Figure | None) -> bool:
    return (
        (first is None) == (last is None)
        and all(value(first, name) == value(last, name) for name in MEASURES)
        and _state(first) == _state(last)
    )


def _state(figure: Figure | None) -> str | None:
    return figure["state"] if figure else None


def _why_hidden(first: Figure | None, last: Figure | None, k: int) -> str | None:
    if SUPPRESSED in (_state(first), _state(last)):
        return SUPPRESSED
    return A_FEW if _few_between(first, last, k) else None


def _few_on_the_way(way: Way, k: int) -> bool:
    hidden = any(_state(figure) == SUPPRESSED for _, figure in way)
    return hidden or any(_few_between(earlier, later, k) for (_, earlier), (_, later) in pairwise(way))


def _few_between(first: Figure | None, last: Figure | None, k: int) -> bool:
    """Whether two values of a figure differ by 1 to k - 1 in effects, in their base, or in those without the effect."""
    counts = [[value(figure, name) for name in COUNTS] for figure in (first, last)]
    (achieved, base), (achieved_now, base_now) = counts
    if achieved is None or base is None or achieved_now is None or base_now is None:
        return False
    gained, joined = achieved_now - achieved, base_now - base
    return any(is_small(int(abs(step)), k) for step in (gained, joined, joined - gained))


def _appeared(way: Way, measure: str) -> str | None:
    there = [value(figure, measure) is not None for _, figure in way]
    if there[0] == there[-1]:
        return None
    turn = max(n for n in range(1, len(way)) if there[n] == there[-1] and there[n - 1] != there[-1])
    return way[turn][0]


def _causes(way: Way) -> tuple[str, ...]:
    changed = {cause for (_, earlier), (cause, later) in pairwise(way) if not _same(earlier, later)}
    return tuple(cause for cause in CAUSES if cause in changed)


def _plain(told: Any) -> Any:
    if isinstance(told, Decimal):
        return int(told) if told == told.to_integral_value() else float(told)
    return {name: _plain(part) for name, part in told.items()} if isinstance(told, dict) else told
