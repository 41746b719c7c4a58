"""Shares, ratios and their intervals; vectorised over cells. Survival curves stand in `outcomes/survival.py`.

Every function takes arrays (or numbers) and gives float arrays; what has no answer is nan, never zero.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

Floats = NDArray[np.float64]

Z95 = 1.959963984540054
"""Normal quantile of 97.5 %: two-sided 95 % limits."""


ROUNDING = 1e-12
"""A probability closer than this to 0 or 1 is 0 or 1: what is left is the rounding of a sum of shares."""


def _floats(value: ArrayLike) -> Floats:
    return np.asarray(value, dtype=np.float64)


def share(successes: ArrayLike, trials: ArrayLike) -> Floats:
    """Successes over trials, 0 to 1; nan where nothing was tried."""
    k, n = np.broadcast_arrays(_floats(successes), _floats(trials))
    found: Floats = np.divide(k, n, out=np.full(k.shape, np.nan), where=n > 0)
    return found


def wilson(successes: ArrayLike, trials: ArrayLike, z: float = Z95) -> tuple[Floats, Floats]:
    """Wilson's score interval of a share: (low, high), nan where nothing was tried.

    Exactly 0 below no success and exactly 1 above no failure. Wilson (1927), J Am Stat Assoc 22:209-212.
    """
    k, n = np.broadcast_arrays(_floats(successes), _floats(trials))
    tried = n > 0
    n_safe = np.where(tried, n, 1.0)
    p, z2 = k / n_safe, z * z
    centre = p + z2 / (2 * n_safe)
    half = z * np.sqrt((p * (1 - p) + z2 / (4 * n_safe)) / n_safe)
    low, high = (centre - half) / (1 + z2 / n_safe), (centre + half) / (1 + z2 / n_safe)
    low = np.where(k <= 0, 0.0, np.maximum(low, 0.0))
    high = np.where(k >= n, 1.0, np.minimum(high, 1.0))
    return np.where(tried, low, np.nan), np.where(tried, high, np.nan)


def mean_interval(mean: ArrayLike, sd: ArrayLike, n: ArrayLike, alpha: float = 0.05) -> tuple[Floats, Floats]:
    """Student's t interval of a mean: mean -/+ t(1 - alpha/2, n - 1) sd / sqrt(n), (low, high); of paired differences: of the mean change.

    sd   sample standard deviation (divisor n - 1). nan with fewer than two values
    Student (1908), Biometrika 6:1-25.
    """
    m, s, size = np.broadcast_arrays(_floats(mean), _floats(sd), _floats(n))
    enough = size > 1
    safe = np.where(enough, size, 2.0)
    half = stats.t.ppf(1 - alpha / 2, safe - 1) * s / np.sqrt(safe)
    return np.where(enough, m - half, np.nan), np.where(enough, m + half, np.nan)


def log_log_interval(probability: ArrayLike, standard_error: ArrayLike, z: float = Z95) -> tuple[Floats, Floats]:
    """Interval of a probability on the log(-log) scale: p ** exp(-/+ z se / (p ln p)), (low, high).

    nan at 0 and at 1, where the scale has no width. Kalbfleisch & Prentice, The Statistical Analysis of Failure Time Data, section 1.4.
    """
    p, se = np.broadcast_arrays(_floats(probability), _floats(standard_error))
    inside = (p > ROUNDING) & (p < 1 - ROUNDING) & np.isfinite(se)
    safe = np.where(inside, p, 0.5)
    step = z * np.where(inside, se, 0.0) / (safe * np.log(safe))
    # ln p is below 0, so exp(-step) is the larger exponent and gives the smaller probability.
    low, high = safe ** np.exp(-step), safe ** np.exp(step)
    return np.where(inside, low, np.nan), np.where(inside, high, np.nan)


def poisson_exact(observed: ArrayLike, expected: ArrayLike = 1.0, alpha: float = 0.05) -> tuple[Floats, Floats]:
    """Exact interval of observed / expected for a count: chi-square quantiles over twice the expected number.

    Garwood (1936), Biometrika 28:437-442. nan where nothing is expected.
    """
    o, e = np.broadcast_arrays(_floats(observed), _floats(expected))
    safe = np.where(e > 0, e, np.nan)
    low = np.where(o > 0, stats.chi2.ppf(alpha / 2, np.where(o > 0, 2 * o, 1.0)) / 2, 0.0)
    high = stats.chi2.ppf(1 - alpha / 2, 2 * (o + 1)) / 2
    return low / safe, high / safe


def byar(observed: ArrayLike, expected: ArrayLike = 1.0, z: float = Z95) -> tuple[Floats, Floats]:
    """Byar's approximation to the exact Poisson interval, good from ten observed on.

    Breslow & Day (1987), Statistical Methods in Cancer Research II, p. 69.
    """
    o, e = np.broadcast_arrays(_floats(observed), _floats(expected))
    safe, at_least_one = np.where(e > 0, e, np.nan), np.maximum(o, 1.0)
    low = at_least_one * (1 - 1 / (9 * at_least_one) - z / (3 * np.sqrt(at_least_one))) ** 3
    upper = o + 1
    high = upper * (1 - 1 / (9 * upper) + z / (3 * np.sqrt(upper))) ** 3
    return np.where(o > 0, low, 0.0) / safe, high / safe


@dataclass(frozen=True)
class FiellerSet:
    """The values of a ratio that the data allow: an interval, all but an interval, or everything."""

    shape: Literal["bounded", "complement", "whole line"]
    low: float | None
    high: float | None


def fieller(
    cost: float, effect: float, cost_variance: float, effect_variance: float, covariance: float = 0.0, z: float = Z95
) -> FiellerSet:
    """Fieller's set for cost / effect.

    Solves (E^2 - z^2 v_E) R^2 - 2 (C E - z^2 c) R + (C^2 - z^2 v_C) = 0; bounded only where |E| / se(E) > z.
    Fieller (1954), J R Stat Soc B 16:175-185.
    """
    (bounded,), (low,), (high,) = fieller_sets([cost], [effect], [cost_variance], [effect_variance], [covariance], z)
    if np.isnan(low):
        return FiellerSet("whole line", None, None)
    return FiellerSet("bounded" if bounded else "complement", float(low), float(high))


def fieller_sets(
    cost: ArrayLike,
    effect: ArrayLike,
    cost_variance: ArrayLike,
    effect_variance: ArrayLike,
    covariance: ArrayLike = 0.0,
    z: float = Z95,
) -> tuple[NDArray[np.bool_], Floats, Floats]:
    """Fieller's sets of many ratios at once: (bounded, low, high); nan where the set is the whole line."""
    c, e, v_c, v_e, cov = np.broadcast_arrays(*map(_floats, (cost, effect, cost_variance, effect_variance, covariance)))
    a, b = e**2 - z**2 * v_e, c * e - z**2 * cov
    discriminant = b * b - a * (c**2 - z**2 * v_c)
    has_limits = (a > 0) | ((a < 0) & (discriminant >= 0))
    root, safe = np.sqrt(np.maximum(discriminant, 0.0)), np.where(has_limits, a, 1.0)
    first, second = (b - root) / safe, (b + root) / safe
    low, high = np.minimum(first, second), np.maximum(first, second)
    return a > 0, np.where(has_limits, low, np.nan), np.where(has_limits, high, np.nan)


def ratio_to_census(cost: ArrayLike, effects_low: ArrayLike, effects_high: ArrayLike) -> tuple[Floats, Floats]:
    """Limits of cost per effect where the cost is a full count: (cost / effects_high, cost / effects_low).

    nan for a limit whose effect is 0: the ratio is not bounded there. Equal to Fieller's set with no variance of the cost.
    """
    c, low, high = np.broadcast_arrays(_floats(cost), _floats(effects_low), _floats(effects_high))
    blank = np.full(c.shape, np.nan)
    return np.divide(c, high, out=blank.copy(), where=high > 0), np.divide(c, low, out=blank, where=low > 0)


def net_benefit(
    value: float, effect: float, cost: float, effect_variance: float = 0.0, cost_variance: float = 0.0, covariance: float = 0.0
) -> tuple[float, float]:
    """Value times effect less cost, and its standard error.

    Stinnett & Mullahy (1998), Med Decis Making 18(2 Suppl):S68-80.
    """
    variance = value**2 * effect_variance + cost_variance - 2 * value * covariance
    return value * effect - cost, float(np.sqrt(max(variance, 0.0)))
