"""At which times a curve may be told: the height of a step over those at risk is a count, and so is what they fall by.

A curve is told as a life table: of each time that is shown, who was at risk when the stretch since the time before began, and how many left
within it in each way. A time is shown only where each of these is 0 or at least k, and where so much is left after the last one; times in
between are left out. With k = 1 every time is shown.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from outcomes.survival import RiskTable

WAYS = ("events", "competing", "censored")
"""Of leaving."""


@dataclass(frozen=True)
class Steps:
    """Rows of curves, one entry each, in order of cell and time.

    hidden   says only that the curve is not told here: at time 0, or from the first time on that cannot be told
    counts   at_risk, events, competing, censored of the stretch since the time before; of a hidden row nothing
    """

    cell: NDArray[np.int64]
    time: NDArray[np.int64]
    hidden: NDArray[np.bool_]
    counts: dict[str, NDArray[np.int64]]

    def only(self, rows: NDArray[np.bool_]) -> "Steps":
        """Some of the rows."""
        return Steps(self.cell[rows], self.time[rows], self.hidden[rows], {name: values[rows] for name, values in self.counts.items()})


def tellable_steps(table: RiskTable, wanted: NDArray[np.bool_], k: int) -> Steps:
    """The rows that may be told of each curve.

    table    cells x times
    wanted   cells of which more than the row of time 0 is asked for
    k        smallest number of persons that may be told of
    """
    leaving = np.stack([getattr(table, way) for way in WAYS]).cumsum(axis=2)
    shown = _shown(table, leaving, k) & wanted[:, None]
    told, not_told = np.nonzero(shown), np.nonzero(_not_told(table, shown, wanted))
    cell, time = np.concatenate([told[0], not_told[0]]), np.concatenate([told[1], not_told[1]])
    order, hidden = np.lexsort((time, cell)), np.arange(len(cell)) >= len(told[0])
    nothing = np.zeros(len(not_told[0]), dtype=np.int64)
    counts = {name: np.concatenate([values, nothing])[order] for name, values in _counts(table, leaving, told[0], told[1]).items()}
    return Steps(cell[order], time[order], hidden[order], counts)


def _shown(table: RiskTable, leaving: NDArray[np.int64], k: int) -> NDArray[np.bool_]:
    """cells x times. leaving: who has left by each time, way x cell x time."""
    shown: NDArray[np.bool_] = np.zeros(table.at_risk.shape, dtype=bool)
    before = np.zeros_like(leaving[:, :, 0])
    for time in range(shown.shape[1]):
        shown[:, time] = _enough(leaving[:, :, time] - before, k).all(axis=0) & (table.at_risk[:, time] >= k)
        before = np.where(shown[:, time], leaving[:, :, time], before)
    may_be_last = shown & _enough(leaving[:, :, -1:] - leaving, k).all(axis=0)
    # From the last time that may be the last on, nothing.
    return np.asarray(shown & (may_be_last[:, ::-1].cumsum(axis=1)[:, ::-1] > 0))


def _enough(count: NDArray[np.int64], k: int) -> NDArray[np.bool_]:
    return np.asarray((count == 0) | (count >= k))


def _not_told(table: RiskTable, shown: NDArray[np.bool_], wanted: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Time 0 where it is not shown, and the time after the last that is, where somebody is still at risk then."""
    times = shown.shape[1]
    after = np.where(shown.any(axis=1), times - shown[:, ::-1].argmax(axis=1), 0)
    places = np.arange(times)
    stops = (places == after[:, None]) & wanted[:, None]
    return np.asarray(((places == 0) | stops) & ~shown & (table.at_risk > 0))


def _counts(table: RiskTable, leaving: NDArray[np.int64], cell: NDArray[np.int64], time: NDArray[np.int64]) -> dict[str, NDArray[np.int64]]:
    """Of each row that is told, in order of cell and time."""
    follows = np.zeros(len(cell), dtype=bool)
    follows[1:] = cell[1:] == cell[:-1]
    since = np.where(follows, np.roll(time, 1) + 1, 0)
    before = np.where(since > 0, leaving[:, cell, since - 1], 0)
    return {"at_risk": table.at_risk[cell, since]} | dict(zip(WAYS, leaving[:, cell, time] - before, strict=True))
