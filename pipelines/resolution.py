"""What stands of corrected events: a plain-Python walk over the corrections that hang together, free of any database.

A correction of a correction works like any other: a retracted correction has no effect, a replaced one has the effect that its replacement
says. Corrections that go round in a circle have none. Of several corrections of one target the latest recorded stands, ties by hash.
The result depends on the set of events only, never on the order in which they came.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

RETRACTED = "retracted"
REPLACED = "replaced"


@dataclass(frozen=True)
class Correction:
    """A correction as it came, or as another correction has made it.

    key            its own event key (also when corrected)
    target         event key of what it corrects
    other_target   where its replacement points, when it replaces a correction
    replacement    JSON of what the target says instead; None: the target never was
    """

    key: int
    target: int
    recorded_at: datetime
    content_hash: int
    replacement: str | None = None
    other_target: int | None = None

    @property
    def rank(self) -> tuple[datetime, int]:
        """The greatest of several corrections of one target stands."""
        return self.recorded_at, self.content_hash


@dataclass(frozen=True)
class Rewritten:
    """A target row as a replacement makes it: its row in the amender's table, and, for a correction, what it says now."""

    row: Any
    as_correction: Correction | None = None


@dataclass(frozen=True)
class Standing:
    """What became of one corrected target."""

    target: int
    verdict: str
    correction: Correction
    row: Any = None


Amend = Callable[[Sequence[tuple[int, Correction]]], list[Rewritten | None]]
"""Applies replacements to target rows: per (target key, correction) the rewritten row, or None where it does not fit the target's type."""


def resolve(corrections: Iterable[Correction], present: set[int], amend: Amend) -> tuple[list[Standing], set[int]]:
    """Decide what stands of every present target of a closed set of corrections.

    corrections   every correction that is tied to these targets, directly or through other corrections
    present       keys of the targets that the store holds; a correction may come before its target
    returns       what became of each corrected target; keys of the corrections whose replacement does not fit their target
    """
    own = {correction.key: correction for correction in corrections}
    points_at = _possible_targets(own)
    circular = _on_circles(points_at)
    effective: dict[int, list[Correction]] = defaultdict(list)
    standings: list[Standing] = []
    misfits: set[int] = set()
    for wave in _waves({key: targets for key, targets in points_at.items() if key not in circular}):
        replacing = [(node, c) for node in wave if node in present for c in effective[node] if c.replacement is not None]
        rewritten = dict(zip([(node, c.key) for node, c in replacing], amend(replacing) if replacing else [], strict=True))
        misfits |= {key for (_, key), row in rewritten.items() if row is None}
        for node in wave:
            standing = _stand(node, effective[node], rewritten)
            if standing and node in present:
                standings.append(standing)
            said = _said_now(own.get(node), standing, rewritten)
            if said is not None and node not in circular:
                effective[said.target].append(said)
    return standings, misfits


def _possible_targets(own: dict[int, Correction]) -> dict[int, set[int]]:
    """Correction -> everything that it may come to point at, its own target or one that a correction of it names."""
    points_at = {key: {correction.target} for key, correction in own.items()}
    for correction in own.values():
        if correction.other_target is not None and correction.target in points_at:
            points_at[correction.target].add(correction.other_target)
    return points_at


def _on_circles(points_at: dict[int, set[int]]) -> set[int]:
    """Corrections on a circle, or between two: what is left when sources and sinks are stripped off again and again."""
    left = {key: set(targets) for key, targets in points_at.items()}
    while True:
        sinks = {key for key, targets in left.items() if not targets & left.keys()}
        pointed_at = set().union(*left.values()) if left else set()
        sources = left.keys() - pointed_at
        if not sinks and not sources:
            return set(left)
        for key in sinks | sources:
            del left[key]


def _waves(points_at: dict[int, set[int]]) -> Iterable[list[int]]:
    """Keys in an order in which everything that may point at a key comes before it; each wave sorted."""
    waiting: dict[int, int] = dict.fromkeys(points_at, 0)
    for targets in points_at.values():
        for target in targets:
            waiting[target] = waiting.get(target, 0) + 1
    wave = sorted(key for key, n in waiting.items() if n == 0)
    while wave:
        yield wave
        following = []
        for key in wave:
            for target in points_at.get(key, ()):
                waiting[target] -= 1
                if waiting[target] == 0:
                    following.append(target)
        wave = sorted(following)


def _stand(node: int, corrections: list[Correction], rewritten: dict[tuple[int, int], Rewritten | None]) -> Standing | None:
    for correction in sorted(corrections, key=lambda c: c.rank, reverse=True):
        if correction.replacement is None:
            return Standing(node, RETRACTED, correction)
        row = rewritten.get((node, correction.key))
        if row is not None:
            return Standing(node, REPLACED, correction, row.row)
    return None


def _said_now(
    original: Correction | None, standing: Standing | None, rewritten: dict[tuple[int, int], Rewritten | None]
) -> Correction | None:
    """What a correction says after its own corrections: nothing, what it said, or what its replacement says, recorded when that was."""
    if original is None or standing is None:
        return original
    if standing.verdict == RETRACTED:
        return None
    row = rewritten[(standing.target, standing.correction.key)]
    said = row.as_correction if row else None
    return replace(said, key=original.key, recorded_at=standing.correction.recorded_at) if said else None
