"""The effect of one regressor by (weighted) least squares, with classical, heteroscedasticity-robust or cluster-robust limits."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy import linalg, stats

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Covariance = Literal["classical", "hc1", "cluster"]

COLLINEAR = 1e-9
"""A regressor that the others explain to this share of its own size has no effect of its own to estimate."""


@dataclass(frozen=True)
class Slope:
    """The coefficient of the regressor asked about.

    degrees   of freedom of the t distribution that gave the limits; nan where there are none, and then no limits either
    """

    estimate: float
    standard_error: float
    degrees: float
    low: float
    high: float
    p_value: float


class Projection:
    """The space that regressors span, in pieces that do not share rows: what is left of a vector outside it, and its dimension."""

    def __init__(self, n: int) -> None:
        self.n, self.rank = n, 0
        self._pieces: list[tuple[Ints, Ints | None, Floats, Floats]] = []

    @classmethod
    def of_columns(cls, columns: Floats, root: Floats | None = None) -> "Projection":
        """Of the columns of a matrix; `root`: square roots of the weights of its rows."""
        space = cls(len(columns))
        space._add(np.arange(len(columns)), None, np.ones(len(columns)) if root is None else root, columns)
        return space

    @classmethod
    def of_two_ways(cls, block: Ints, unit: Ints, period: Ints, root: Floats) -> "Projection":
        """Of one effect per unit and one per period, in each block apart."""
        space = cls(len(block))
        for number in np.unique(block):
            rows = np.flatnonzero(block == number)
            units, periods = (np.unique(names[rows], return_inverse=True)[1] for names in (unit, period))
            space._add(rows, units, root[rows], (periods[:, None] == np.arange(int(periods.max()) + 1)).astype(np.float64))
        return space

    def residual(self, vector: Floats) -> Floats:
        """The vector less its part in the space."""
        left = vector.copy()
        for rows, units, root, basis in self._pieces:
            part = _demeaned(left[rows], units, root)
            left[rows] = part - basis @ (basis.T @ part)
        return left

    def _add(self, rows: Ints, units: Ints | None, root: Floats, columns: Floats) -> None:
        """Unit effects go by weighted means, which is the same and needs no column each; the rest by an orthonormal basis."""
        weighted = np.column_stack([_demeaned(column, units, root) for column in (columns * root[:, None]).T])
        orthonormal, upper, _ = linalg.qr(weighted, mode="economic", pivoting=True)
        size = np.abs(np.diag(upper))
        rank = int((size > 1e-9 * max(float(np.linalg.norm(root)), 1.0)).sum())
        self._pieces.append((rows, units, root, orthonormal[:, :rank]))
        self.rank += rank + (0 if units is None else int(units.max()) + 1)


def _demeaned(vector: Floats, units: Ints | None, root: Floats) -> Floats:
    if units is None:
        return vector
    means = np.bincount(units, weights=root * vector) / np.bincount(units, weights=root**2)
    left: Floats = vector - root * means[units]
    return left


def slope(
    response: Floats,
    regressor: Floats,
    others: Projection,
    covariance: Covariance = "classical",
    *,
    counts: Floats | None = None,
    clusters: Ints | None = None,
) -> Slope | None:
    """Coefficient of `regressor` beside `others`, worked out on what the others leave of it (Frisch, Waugh & Lovell).

    others      the other regressors, the constant among them; made with the square roots of `counts` where there are any
    covariance  classical; hc1: White's with n / (n - k) (MacKinnon & White 1985, J Econometrics 29:305-325); cluster: sums over clusters,
                G / (G - 1) x (n - 1) / (n - k), limits from t with G - 1 degrees (Cameron & Miller 2015, J Hum Resources 50:317-372)
    counts      records behind each observation, whose mean the response is: the same coefficient and clustered limits as record by record
    clusters    number of each observation's cluster
    returns     None where the regressor cannot be told from the others
    """
    n_each = np.ones_like(response) if counts is None else counts
    root = np.sqrt(n_each)
    own, answered = regressor * root, response * root
    left = others.residual(own)
    size = float(left @ left)
    if not len(response) or size <= COLLINEAR * float(own @ own):
        return None
    estimate = float(left @ answered) / size
    residual = others.residual(answered - estimate * own)
    variance, degrees = _variance(
        left, residual, float(np.sqrt(size * (answered @ answered))), float(n_each.sum()), others.rank + 1, covariance, clusters
    )
    return _with_limits(estimate, variance, degrees)


def _variance(
    left: Floats, residual: Floats, scale: float, n: float, rank: int, covariance: Covariance, clusters: Ints | None
) -> tuple[float, float]:
    """Variance of the coefficient and the degrees of freedom of its limits; nan where too few observations are left.

    scale   largest size that a score can have: what is tiny beside it is rounding
    """
    degrees, size = n - rank, float(left @ left)
    if degrees <= 0:
        return np.nan, np.nan
    score = left * residual
    if covariance == "cluster":
        assert clusters is not None  # the caller asked for clusters
        sums = np.bincount(np.unique(clusters, return_inverse=True)[1], weights=score)
        groups = len(sums)
        if groups < 2 or float(np.abs(sums).max()) <= COLLINEAR * scale:  # a perfect fit says nothing of how units differ
            return np.nan, np.nan
        return float(sums @ sums) / size**2 * groups / (groups - 1) * (n - 1) / degrees, float(groups - 1)
    if covariance == "hc1":
        return float(score @ score) / size**2 * n / degrees, degrees
    return float(residual @ residual) / degrees / size, degrees


def _with_limits(estimate: float, variance: float, degrees: float) -> Slope:
    if not np.isfinite(variance):
        return Slope(estimate, np.nan, np.nan, np.nan, np.nan, np.nan)
    error = float(np.sqrt(variance))
    half = float(stats.t.ppf(0.975, degrees)) * error
    p_value = float(2 * stats.t.sf(abs(estimate) / error, degrees)) if error > 0 else np.nan
    return Slope(estimate, error, degrees, estimate - half, estimate + half, p_value)
