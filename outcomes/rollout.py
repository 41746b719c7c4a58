"""Difference in differences over a stepped roll-out: units that changed are held against those that have not changed yet."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from outcomes.differences import Difference, of_slope
from outcomes.least_squares import Projection, slope

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

METHODS = ("stacked", "two_way")
NEVER = np.iinfo(np.int64).max
"""The period in which a unit changed that never did."""


@dataclass(frozen=True)
class Cells:
    """Records counted by unit, period and whether the unit had changed at the index: the period of the change may stand on both sides.

    changed_in   period in which the unit changed, or NEVER
    mean         of the outcome (an effect counts 1) or of the value
    """

    unit: Ints
    period: Ints
    changed_in: Ints
    treated: Bools
    count: Floats
    mean: Floats

    def only(self, chosen: Bools | Ints) -> "Cells":
        """Some of the cells."""
        return Cells(*(getattr(self, name)[chosen] for name in self.__dataclass_fields__))


def difference_in_differences(method: str, cells: Cells) -> Difference | None:
    """The change in units that changed beyond that in units that had not yet, with limits that are robust to clustering by unit.

    two_way   unit and period as fixed effects over all cells (weighted by records). Where effects differ by time since the change it also
              holds late changers against early ones, whose effect is still growing (Goodman-Bacon 2021, J Econometrics 225:254-277)
    stacked   one comparison per period of change: its units, and cells of other units while they had not changed; unit and period effects
              of its own; all stacked (Cengiz, Dube, Lindner & Zipperer 2019, Q J Econ 134:1405-1454)
    returns   None where no unit has cells before and after while another had not changed
    """
    if method == "stacked":
        cells, stack = _stacked(cells)
    else:
        stack = np.zeros(len(cells.unit), dtype=np.int64)
    if not len(cells.unit):
        return None
    effects = Projection.of_two_ways(stack, cells.unit, cells.period, np.sqrt(cells.count))
    found = slope(cells.mean, cells.treated.astype(np.float64), effects, "cluster", counts=cells.count, clusters=cells.unit)
    return of_slope(method, found)


def compared(cells: Cells) -> Bools:
    """The cells that a stacked comparison can use: of units that changed while others had not, and of those others."""
    used = np.zeros(len(cells.unit), dtype=bool)
    for chosen in _comparisons(cells):
        used |= chosen
    return used


def _stacked(cells: Cells) -> tuple[Cells, Ints]:
    parts = [np.flatnonzero(chosen) for chosen in _comparisons(cells)]
    rows = np.concatenate(parts) if parts else np.zeros(0, dtype=np.int64)
    stack = np.repeat(np.arange(len(parts)), [len(part) for part in parts])
    return cells.only(rows), stack


def _comparisons(cells: Cells) -> list[Bools]:
    """For each period of change: the cells of its units and, while untreated, of units that changed later or never."""
    found: list[Bools] = []
    for change in sorted(set(cells.changed_in.tolist()) - {int(NEVER)}):
        own = cells.changed_in == change
        beside = ~cells.treated & (cells.changed_in > change)
        has_both = bool((own & cells.treated).any() and (own & ~cells.treated).any())
        has_control = bool(np.isin(cells.period[beside], cells.period[own & cells.treated]).any())
        if has_both and has_control:
            found.append(own | beside)
    return found
