"""The two sides of a comparison in numbers, and which of them rest on too few persons to be shown."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from outcomes.differences import mean_limits
from outcomes.estimators import wilson
from pipelines.contrast import ACHIEVED, MISSED, PENDING, Contrast
from pipelines.disclosure import OFF, is_small

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class SideFigures:
    """One side: its records, how many of them count, and their share or mean with limits.

    pending    not known yet
    achieved   of those that count; None where means are compared
    hidden     rests on fewer than k persons or records, or tells the same of everybody
    hides_size the records that do not count are fewer than k: their number would follow
    """

    records: int
    persons: int
    pending: int
    counted: int
    achieved: int | None
    units: int
    estimate: float
    low: float
    high: float
    deviation: float
    hidden: bool
    hides_size: bool


def share_side(contrast: Contrast, side: int, k: int) -> SideFigures:
    """One side of a difference in shares, among the matured that were seen to the end."""
    members = contrast.side == side
    achieved, missed = (members & (contrast.outcome == outcome) for outcome in (ACHIEVED, MISSED))
    counted = achieved | missed
    n, of = int(achieved.sum()), int(counted.sum())
    low, high = wilson(n, of)
    alike = k > OFF and of > 0 and n == of
    return _figures(
        contrast, members, counted, int((members & (contrast.outcome == PENDING)).sum()), k,
        achieved=n, estimate=n / of if of else np.nan, limits=(float(low), float(high)), deviation=np.nan,
        hidden=alike or _thin(contrast, achieved, k) or _thin(contrast, missed, k),
    )  # fmt: skip


def mean_side(contrast: Contrast, side: int, k: int, used: Bools, values: Floats) -> SideFigures:
    """One side of a difference in means, among those whose value is there."""
    members = contrast.side == side
    counted = members & used
    mine = values[counted]
    deviation = float(mine.std(ddof=1)) if len(mine) > 1 else np.nan
    alike = k > OFF and len(mine) > 0 and bool((mine == mine[0]).all())
    return _figures(
        contrast, members, counted, int((members & ~contrast.is_ready).sum()), k,
        achieved=None, estimate=float(mine.mean()) if len(mine) else np.nan, limits=mean_limits(mine), deviation=deviation, hidden=alike,
    )  # fmt: skip


def rollout_side(contrast: Contrast, side: int, k: int, used: Bools) -> SideFigures:
    """One side of a roll-out: records of units that had, or had not yet, changed. It has no share of its own: units differ anyway."""
    members = contrast.side == side
    return _figures(
        contrast, members, members & used, int((members & (contrast.outcome == PENDING)).sum()), k,
        achieved=None, estimate=np.nan, limits=(np.nan, np.nan), deviation=np.nan, hidden=False,
    )  # fmt: skip


def _figures(
    contrast: Contrast, members: Bools, counted: Bools, pending: int, k: int,
    *, achieved: int | None, estimate: float, limits: tuple[float, float], deviation: float, hidden: bool,
) -> SideFigures:  # fmt: skip
    rest = members & ~counted
    return SideFigures(
        records=int(members.sum()), persons=_persons(contrast, members), pending=pending, counted=int(counted.sum()), achieved=achieved,
        units=len(np.unique(contrast.unit[counted])), estimate=estimate, low=limits[0], high=limits[1], deviation=deviation,
        hidden=hidden or _thin(contrast, members, k) or _thin(contrast, counted, k),
        hides_size=_thin(contrast, rest, k) or is_small(pending, k) or is_small(int(rest.sum()) - pending, k),
    )  # fmt: skip


def _thin(contrast: Contrast, chosen: Bools, k: int) -> bool:
    return is_small(int(chosen.sum()), k) or is_small(_persons(contrast, chosen), k)


def _persons(contrast: Contrast, chosen: Bools) -> int:
    return len(np.unique(contrast.subject[chosen]))
