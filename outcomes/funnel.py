"""Funnel plots: limits that chance alone allows, scores, over-dispersion, shrinkage and the alerts to be expected; vectorised over units.

Two scales. `ratio`: observed over expected against 1, the count taken as Poisson. `share`: achieved over compared against a target share,
the count taken as binomial. Spiegelhalter (2005), Statistics in Medicine 24:1185-1202; additive over-dispersion: Spiegelhalter (2005),
Quality and Safety in Health Care 14:347-351.
"""

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from outcomes.estimators import Floats, poisson_exact

ALERT, ALARM = 0.05, 0.002
"""Two-sided: a unit outside the 95 % limits is an alert, one outside the 99.8 % limits an alarm."""

FEWEST_UNITS: Final = 10
"""Below this many units neither over-dispersion nor a prior is estimated: the outlier that should show would widen its own limits."""

WINSORISED = 0.10
"""Share of units at each end that counts as if it stood at that quantile."""

Overdispersion = Literal["square_root", "square_root_winsorised", "log_trimmed", "none"]
Limits = tuple[Floats, Floats]


def _floats(value: ArrayLike) -> Floats:
    return np.asarray(value, dtype=np.float64)


def normal_quantile(alpha: float) -> float:
    """Normal quantile of a two-sided level: 1.96 for 0.05, 3.09 for 0.002."""
    return float(stats.norm.ppf(1 - alpha / 2))


def ratio_limits(expected: ArrayLike, alpha: float) -> Limits:
    """Exact limits of observed / expected around 1: chi-square quantiles of 2E and 2(E + 1) over 2E. nan where nothing is expected."""
    e = np.where(_floats(expected) > 0, _floats(expected), np.nan)
    return poisson_exact(e, e, alpha)


def share_limits_exact(n: ArrayLike, target: ArrayLike, alpha: float) -> Limits:
    """Smallest and largest share that a binomial count allows: outside them one tail has less than alpha / 2."""
    trials, p = np.broadcast_arrays(_floats(n), _floats(target))
    able = (trials > 0) & (p >= 0) & (p <= 1)
    safe = np.where(able, trials, np.nan)
    return stats.binom.ppf(alpha / 2, safe, p) / safe, stats.binom.ppf(1 - alpha / 2, safe, p) / safe


def share_limits_arcsine(n: ArrayLike, target: ArrayLike, alpha: float, tau2: float = 0.0) -> Limits:
    """Limits of a share on the arcsine scale: sin^2(asin sqrt(p) -/+ z sqrt(1/4n + tau2)), kept within 0 and 1."""
    trials, p = np.broadcast_arrays(_floats(n), _floats(target))
    centre = np.arcsin(np.sqrt(p))
    half = normal_quantile(alpha) * np.sqrt(1 / (4 * np.where(trials > 0, trials, np.nan)) + tau2)
    return np.sin(np.maximum(centre - half, 0.0)) ** 2, np.sin(np.minimum(centre + half, np.pi / 2)) ** 2


def ratio_limits_square_root(expected: ArrayLike, alpha: float, tau2: float) -> Limits:
    """Limits with additive over-dispersion on the square-root scale: (1 -/+ z sqrt(1/4E + tau2))^2, the lower one at least 0."""
    e = np.where(_floats(expected) > 0, _floats(expected), np.nan)
    half = normal_quantile(alpha) * np.sqrt(1 / (4 * e) + tau2)
    return np.maximum(1 - half, 0.0) ** 2, (1 + half) ** 2


def ratio_limits_log(expected: ArrayLike, alpha: float, tau2: float) -> Limits:
    """Limits with additive over-dispersion on the log scale: exp(-/+ z sqrt(1/E + tau2))."""
    e = np.where(_floats(expected) > 0, _floats(expected), np.nan)
    half = normal_quantile(alpha) * np.sqrt(1 / e + tau2)
    return np.exp(-half), np.exp(half)


def z_ratio(observed: ArrayLike, expected: ArrayLike) -> Floats:
    """Score of a ratio on the square-root scale: (sqrt(O/E) - 1) 2 sqrt(E)."""
    o, e = np.broadcast_arrays(_floats(observed), _floats(expected))
    safe = np.where(e > 0, e, np.nan)
    score: Floats = (np.sqrt(o / safe) - 1) * 2 * np.sqrt(safe)
    return score


def z_log_ratio(observed: ArrayLike, expected: ArrayLike) -> Floats:
    """Score of a ratio on the log scale: ln(O/E) sqrt(E); nan where nothing was observed."""
    o, e = np.broadcast_arrays(_floats(observed), _floats(expected))
    both = (o > 0) & (e > 0)
    safe_o, safe_e = np.where(both, o, np.nan), np.where(both, e, np.nan)
    score: Floats = np.log(safe_o / safe_e) * np.sqrt(safe_e)
    return score


def z_share(achieved: ArrayLike, n: ArrayLike, target: ArrayLike) -> Floats:
    """Normal score of a share: (k/n - p) / sqrt(p (1 - p) / n); nan where the target is 0 or 1, or nothing was compared."""
    k, trials, p = np.broadcast_arrays(_floats(achieved), _floats(n), _floats(target))
    able = (trials > 0) & (p > 0) & (p < 1)
    safe_n, safe_p = np.where(able, trials, np.nan), np.where(able, p, np.nan)
    score: Floats = (k / safe_n - safe_p) / np.sqrt(safe_p * (1 - safe_p) / safe_n)
    return score


def z_share_arcsine(achieved: ArrayLike, n: ArrayLike, target: ArrayLike) -> Floats:
    """Score of a share on the arcsine scale: (asin sqrt(k/n) - asin sqrt(p)) 2 sqrt(n)."""
    k, trials, p = np.broadcast_arrays(_floats(achieved), _floats(n), _floats(target))
    safe = np.where(trials > 0, trials, np.nan)
    score: Floats = (np.arcsin(np.sqrt(k / safe)) - np.arcsin(np.sqrt(p))) * 2 * np.sqrt(safe)
    return score


@dataclass(frozen=True)
class Dispersion:
    """How much more units vary than chance allows: phi (1: as chance) and the variance tau2 between them; n units were used."""

    phi: float
    tau2: float
    n: int


def overdispersion(z: ArrayLike, weights: ArrayLike, method: Overdispersion = "square_root_winsorised") -> Dispersion | None:
    """phi = sum z^2 / n, and the additive tau2 = max(0, (n phi - (n - 1)) / (sum w - sum w^2 / sum w)).

    z        scores on the method's own scale; what has none (nan) is left out
    weights  1 / variance of each unit on that scale: 4E (square root), E (log), 4n (arcsine)
    method   square_root: as they are · square_root_winsorised: beyond the 10 % and 90 % quantiles as if there
             log_trimmed: the tenths at both ends by rank are left out, as in England's SHMI
    returns  None for `none`, and below 10 units, where it is not estimated
    """
    scores, w = np.broadcast_arrays(_floats(z), _floats(weights))
    known = np.isfinite(scores) & np.isfinite(w)
    scores, w = scores[known], w[known]
    if method == "none" or len(scores) < FEWEST_UNITS:
        return None
    if method == "square_root_winsorised":
        scores = np.clip(scores, *np.quantile(scores, [WINSORISED, 1 - WINSORISED]))
    if method == "log_trimmed":
        tenth = np.floor(stats.rankdata(scores) * 10 / (len(scores) + 1))
        kept = (tenth > 0) & (tenth < 9)
        scores, w = scores[kept], w[kept]
    n = len(scores)
    phi = float((scores**2).sum() / n)
    spread = float(w.sum() - (w**2).sum() / w.sum())
    tau2 = max(0.0, (n * phi - (n - 1)) / spread) if spread > 0 else 0.0
    return Dispersion(phi, tau2, n)


@dataclass(frozen=True)
class Prior:
    """A gamma distribution of true ratios, mean a / b; both infinite (nan here) where units do not differ more than by chance."""

    a: float
    b: float
    mean: float
    how: Literal["stated", "estimated", "no_heterogeneity"]


def gamma_prior(observed: ArrayLike, expected: ArrayLike) -> Prior | None:
    """The prior that the units themselves suggest, by moments: m = sum O / sum E, A = sum E (O/E - m)^2 / sum E - m / mean E.

    a = m^2 / A, b = m / A; where A is not above 0 the units do not differ more than by chance. None below 10 units.
    Marshall (1991), Applied Statistics 40:283-294.
    """
    o, e = np.broadcast_arrays(_floats(observed), _floats(expected))
    able = (e > 0) & np.isfinite(o)
    o, e = o[able], e[able]
    if len(o) < FEWEST_UNITS or o.sum() <= 0:
        return None
    m = float(o.sum() / e.sum())
    between = float((e * (o / e - m) ** 2).sum() / e.sum() - m / e.mean())
    if between <= 0:
        return Prior(np.nan, np.nan, m, "no_heterogeneity")
    return Prior(m * m / between, m / between, m, "estimated")


def shrunk(observed: ArrayLike, expected: ArrayLike, prior: Prior) -> tuple[Floats, Floats, Floats]:
    """Posterior mean (O + a) / (E + b) of the ratio with its 95 % limits (gamma quantiles); the mean where units do not differ."""
    o, e = np.broadcast_arrays(_floats(observed), _floats(expected))
    if prior.how == "no_heterogeneity":
        same = np.where(np.isfinite(o) & np.isfinite(e), prior.mean, np.nan)
        return same, same, same
    a, b = o + prior.a, e + prior.b
    low, high = (np.asarray(stats.gamma.ppf(p, a) / b, dtype=np.float64) for p in (ALERT / 2, 1 - ALERT / 2))
    return a / b, low, high


def false_alerts(units: int, alpha: float) -> float:
    """How many of so many units fall outside two-sided limits although all perform as expected."""
    return units * alpha


def codes(value: ArrayLike, alert: Limits, alarm: Limits) -> list[str | None]:
    """What the limits say of each unit: within, alert_low, alert_high, alarm_low or alarm_high; None where there is no value or limit."""
    v = _floats(value)
    found = np.where(v < alarm[0], "alarm_low", np.where(v > alarm[1], "alarm_high", "within")).astype(object)
    inside = found == "within"
    found = np.where(inside & (v < alert[0]), "alert_low", np.where(inside & (v > alert[1]), "alert_high", found))
    able = np.isfinite(v) & np.isfinite(alarm[0]) & np.isfinite(alarm[1])
    return [str(code) if ok else None for code, ok in zip(found.tolist(), able.tolist(), strict=True)]


VERDICTS: dict[str, tuple[str, str]] = {
    "within": ("cannot be told from expected", "kan ikke skelnes fra det forventede"),
    "alert_low": (
        "below expected at 95 %: worth a look; about one unit in twenty falls outside by chance alone",
        "under det forventede ved 95 %: værd at se på; omkring én enhed af tyve falder udenfor ved rent tilfælde",
    ),
    "alert_high": (
        "above expected at 95 %: worth a look; about one unit in twenty falls outside by chance alone",
        "over det forventede ved 95 %: værd at se på; omkring én enhed af tyve falder udenfor ved rent tilfælde",
    ),
    "alarm_low": ("below expected: outside the 99.8 % limits", "under det forventede: uden for grænserne ved 99,8 %"),
    "alarm_high": ("above expected: outside the 99.8 % limits", "over det forventede: uden for grænserne ved 99,8 %"),
}
"""Code -> the verdict in English and in Danish."""
