"""Regression to the mean: how far people who were chosen for a high (or low) score move back though nothing was done for them."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy import stats

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Measured:
    """The score in the population that people were chosen from; correlation is that of two measurements of one person."""

    mean: float
    deviation: float
    correlation: float
    persons: int | None = None


@dataclass(frozen=True)
class Expected:
    """What a group chosen by a bar scores with no effect at all: at the choice, and when measured again."""

    before: float
    after: float

    @property
    def change(self) -> float:
        """after - before: below 0 for those chosen above a bar."""
        return self.after - self.before


def expected_without_effect(bar: float, side: Literal["above", "below"], population: Measured) -> Expected:
    """Mean score of those beyond the bar, now and next time, if scores are jointly normal and nothing is done.

    Chosen above c: before = m + s h(k), after = m + r s h(k), h the normal density over its upper tail, k = (c - m) / s; below a bar the
    mirror image. Davis (1976), Am J Epidemiol 104:493-498.
    """
    sign = 1.0 if side == "above" else -1.0
    k = sign * (bar - population.mean) / population.deviation
    hazard = float(np.exp(stats.norm.logpdf(k) - stats.norm.logsf(k)))
    step = sign * population.deviation * hazard
    return Expected(population.mean + step, population.mean + population.correlation * step)


def measured_twice(first: Floats, second: Floats) -> Measured | None:
    """The population from two measurements of everybody (second: nan for none): mean and deviation of the first, correlation of both.

    None where fewer than three were measured twice, or all score the same: nothing can be told then.
    """
    both = np.isfinite(second)
    if int(both.sum()) < 3 or first.std() == 0 or first[both].std() == 0 or second[both].std() == 0:
        return None
    correlation = float(np.corrcoef(first[both], second[both])[0, 1])
    return Measured(float(first.mean()), float(first.std(ddof=1)), correlation, len(first))
