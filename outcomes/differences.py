"""What one side has more than the other: differences in shares and in means, each by a method that carries its name."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from outcomes.estimators import Z95, wilson
from outcomes.least_squares import Covariance, Projection, Slope, slope

Floats = NDArray[np.float64]

SHARE_METHODS = ("newcombe", "wald")
MEAN_METHODS = ("welch", "pooled", "hc1", "ols", "ols_hc1")
ADJUSTED_METHODS = ("ols", "ols_hc1")


@dataclass(frozen=True)
class Difference:
    """Treated less control with its 95 % limits; what a method does not give is nan.

    degrees   of freedom of the t distribution behind the limits
    """

    method: str
    estimate: float
    low: float
    high: float
    standard_error: float = np.nan
    degrees: float = np.nan
    p_value: float = np.nan


def difference_in_shares(method: str, treated: tuple[int, int], control: tuple[int, int]) -> Difference | None:
    """p1 - p0 of (successes, trials) on both sides; None where a side has no trials.

    newcombe  hybrid score: Wilson's limits of both shares put together (Newcombe 1998, Stat Med 17:873-890, method 10)
    wald      estimate -/+ z x standard error without pooling; too narrow where shares are near 0 or 1, so only where asked for by name
    """
    (k1, n1), (k0, n0) = treated, control
    if not n1 or not n0:
        return None
    p1, p0 = k1 / n1, k0 / n0
    error = float(np.sqrt(p1 * (1 - p1) / n1 + p0 * (1 - p0) / n0))
    if method == "wald":
        p_value = float(2 * stats.norm.sf(abs(p1 - p0) / error)) if error > 0 else np.nan
        return Difference(method, p1 - p0, p1 - p0 - Z95 * error, p1 - p0 + Z95 * error, error, p_value=p_value)
    (low1, high1), (low0, high0) = (_wilson(*side) for side in (treated, control))
    below, above = np.hypot(p1 - low1, high0 - p0), np.hypot(high1 - p1, p0 - low0)
    return Difference("newcombe", p1 - p0, float(p1 - p0 - below), float(p1 - p0 + above), error)


def ratio_of_shares(treated: tuple[int, int], control: tuple[int, int]) -> Difference | None:
    """p1 / p0 with limits on the log scale; None where a side has no success, since the scale has no width there.

    Katz, Baptista, Azen & Pike (1978), Biometrics 34:469-474.
    """
    (k1, n1), (k0, n0) = treated, control
    if not k1 or not k0:
        return None
    ratio = (k1 / n1) / (k0 / n0)
    error = float(np.sqrt(1 / k1 - 1 / n1 + 1 / k0 - 1 / n0))
    return Difference("katz_log", ratio, float(ratio * np.exp(-Z95 * error)), float(ratio * np.exp(Z95 * error)), error)


def difference_in_means(method: str, treated: Floats, control: Floats, covariates: Floats | None = None) -> Difference | None:
    """Mean of `treated` less mean of `control`; None where a side is empty or nothing can be told.

    welch    variances of their own, Satterthwaite's degrees of freedom (Welch 1947, Biometrika 34:28-35)
    pooled   one variance (Student's); wrong where variances and sizes differ, so only where asked for by name
    hc1      regression on the side alone, heteroscedasticity-robust, t with n - 2
    ols, ols_hc1   regression on the side and `covariates` (rows in the order treated, control), classical or robust
    """
    if not len(treated) or not len(control):
        return None
    if method == "welch":
        return _welch(treated, control)
    side = np.concatenate([np.ones(len(treated)), np.zeros(len(control))])
    constant = np.ones((len(side), 1))
    adjusts = covariates is not None and method in ADJUSTED_METHODS
    others = np.column_stack([constant, standardised(covariates)]) if adjusts and covariates is not None else constant
    covariance: Covariance = "hc1" if method.endswith("hc1") else "classical"
    return of_slope(method, slope(np.concatenate([treated, control]), side, Projection.of_columns(others), covariance))


def paired_difference(after: Floats, before: Floats) -> Difference | None:
    """Mean of after - before of the same persons, with Student's t limits; None where there is nobody."""
    if not len(after):
        return None
    change = after - before
    return of_slope("paired_t", slope(change, np.ones_like(change), Projection(len(change))))


def of_slope(method: str, found: Slope | None) -> Difference | None:
    """A regression's coefficient as a difference."""
    if found is None:
        return None
    return Difference(method, found.estimate, found.low, found.high, found.standard_error, found.degrees, found.p_value)


def standardised(covariates: Floats) -> Floats:
    """Covariates with mean 0 and deviation 1: the same fit, without the rounding of columns of very different size."""
    spread = covariates.std(axis=0)
    scaled: Floats = (covariates - covariates.mean(axis=0)) / np.where(spread > 0, spread, 1.0)
    return scaled


def mean_limits(values: Floats) -> tuple[float, float]:
    """Student's 95 % limits of a mean; nan below two values."""
    if len(values) < 2:
        return np.nan, np.nan
    half = float(stats.t.ppf(0.975, len(values) - 1) * values.std(ddof=1) / np.sqrt(len(values)))
    return float(values.mean()) - half, float(values.mean()) + half


def limits_of_mean(n: Floats, mean: Floats, squares: Floats) -> tuple[Floats, Floats]:
    """The same from how many values there are, their mean and the sum of their squares; nan below two values."""
    several = n > 1
    count = np.where(several, n, 2.0)
    variance = np.maximum(squares - n * mean**2, 0.0) / (count - 1)
    half = stats.t.ppf(0.975, count - 1) * np.sqrt(variance / count)
    return np.where(several, mean - half, np.nan), np.where(several, mean + half, np.nan)


def _wilson(successes: int, trials: int) -> tuple[float, float]:
    low, high = wilson(successes, trials)
    return float(low), float(high)


def _welch(treated: Floats, control: Floats) -> Difference:
    estimate = float(treated.mean() - control.mean())
    if len(treated) < 2 or len(control) < 2:
        return Difference("welch", estimate, np.nan, np.nan)
    v1, v0 = treated.var(ddof=1) / len(treated), control.var(ddof=1) / len(control)
    error = float(np.sqrt(v1 + v0))
    if error == 0:
        return Difference("welch", estimate, estimate, estimate, 0.0)
    degrees = float((v1 + v0) ** 2 / (v1**2 / (len(treated) - 1) + v0**2 / (len(control) - 1)))
    half = float(stats.t.ppf(0.975, degrees)) * error
    p_value = float(2 * stats.t.sf(abs(estimate) / error, degrees))
    return Difference("welch", estimate, estimate - half, estimate + half, error, degrees, p_value)
