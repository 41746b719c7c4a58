"""Kaplan-Meier and Aalen-Johansen over many groups at once, from risk tables in whole time units.

A risk table is a matrix, one row per group (a unit, an indicator, a cohort) and one column per completed time unit from 0. In one time unit
effects and competing events come before censorings: whoever is lost sight of in it was at risk in it.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from outcomes.estimators import ROUNDING, Z95, Floats, log_log_interval

Counts = NDArray[np.int64]

EVENT, COMPETING, CENSORED = 0, 1, 2
"""How a follow-up ends: with the effect, with an end of another kind, or without either being seen."""


@dataclass(frozen=True)
class RiskTable:
    """Counts per group and time: at risk just before, and the three ways of leaving."""

    at_risk: Counts
    events: Counts
    competing: Counts
    censored: Counts


@dataclass(frozen=True)
class Curve:
    """Incidence of the effect and share still in play per group and time, each with 95 % limits (nan where there are none)."""

    incidence: Floats
    incidence_se: Floats
    incidence_low: Floats
    incidence_high: Floats
    survival: Floats
    survival_low: Floats
    survival_high: Floats


def risk_table(group: Counts, time: Counts, ending: Counts, n: Counts, groups: int, times: int) -> RiskTable:
    """Lay ends of follow-up out as a risk table.

    group, time, ending, n   one entry per kind of end: so many (`n`) of a group end so at a time, 0 <= time < times
    """
    place = (ending * groups + group) * times + time
    flat = np.bincount(place, weights=n, minlength=3 * groups * times).astype(np.int64).reshape(3, groups, times)
    leaving = flat.sum(axis=0)
    at_risk = leaving[:, ::-1].cumsum(axis=1)[:, ::-1]
    return RiskTable(at_risk, flat[EVENT], flat[COMPETING], flat[CENSORED])


def _ratio(part: Floats, whole: Floats) -> Floats:
    """part / whole, 0 where whole is 0: a time with nobody at risk changes nothing."""
    return np.divide(part, whole, out=np.zeros(part.shape), where=whole > 0)


def _product(steps: Floats) -> Floats:
    """Running product over time."""
    return np.asarray(np.cumprod(steps, axis=1), dtype=np.float64)


def _greenwood(ends: Floats, at_risk: Floats) -> Floats:
    """Running sum of d / (n (n - d)); a time at which all end adds nothing (the survival is 0 and has no interval)."""
    return np.cumsum(_ratio(ends, at_risk * (at_risk - ends)), axis=1)


def kaplan_meier(table: RiskTable, z: float = Z95) -> Curve:
    """S(t), the product of 1 - d/n, with Greenwood's variance and log-log limits; incidence is 1 - S.

    Kaplan & Meier (1958), J Am Stat Assoc 53:457-481; Greenwood (1926). Competing ends must be absent: they would make 1 - S too high.
    """
    n, d = table.at_risk.astype(np.float64), table.events.astype(np.float64)
    survival = _product(1 - _ratio(d, n))
    se: Floats = survival * np.sqrt(_greenwood(d, n))
    low, high = log_log_interval(survival, se, z)
    incidence: Floats = 1 - survival
    return Curve(incidence, se, 1 - high, 1 - low, survival, low, high)


def nelson_aalen(table: RiskTable) -> Floats:
    """Cumulative hazard of the effect, the running sum of d1 / n: whoever has an end of another kind, or is lost, is at risk until then.

    Nelson (1972), Technometrics 14:945-966; Aalen (1978), Ann Stat 6:701-726.
    """
    return np.asarray(np.cumsum(_ratio(table.events.astype(np.float64), table.at_risk.astype(np.float64)), axis=1), dtype=np.float64)


def aalen_johansen(table: RiskTable, z: float = Z95) -> Curve:
    """Cumulative incidence F(t), the sum of S(t-) d1/n with S over all ends; delta-method variance, log-log limits of F and of S.

    Aalen & Johansen (1978), Scand J Stat 5:141-150. Variance as in Marubini & Valsecchi (1995), Analysing Survival Data, section 10.2:
    sum (F(t)-F_i)^2 d/(n(n-d)) + sum S^2 (n-d1) d1/n^3 - 2 sum (F(t)-F_i) S d1/n^2, the first sum without times at which all end.
    """
    n, d1 = table.at_risk.astype(np.float64), table.events.astype(np.float64)
    d = d1 + table.competing
    survival = _product(1 - _ratio(d, n))
    before = np.concatenate([np.ones((n.shape[0], 1)), survival[:, :-1]], axis=1)
    step = before * _ratio(d1, n)
    summed = np.cumsum(step, axis=1)
    incidence = np.where(summed > 1 - ROUNDING, 1.0, summed)  # everybody is everybody, however the shares were rounded
    se = np.sqrt(np.maximum(_incidence_variance(n, d1, d, before, incidence), 0.0))
    s_low, s_high = log_log_interval(survival, survival * np.sqrt(_greenwood(d, n)), z)
    f_low, f_high = log_log_interval(incidence, se, z)
    return Curve(incidence, se, f_low, f_high, survival, s_low, s_high)


def _incidence_variance(n: Floats, d1: Floats, d: Floats, before: Floats, incidence: Floats) -> Floats:
    """The delta-method variance of F at every time, by expanding the squares into running sums."""
    a = _ratio(d, n * (n - d))
    b = _ratio(before**2 * (n - d1) * d1, n**3)
    c = _ratio(before * d1, n**2)
    total_a, total_af, total_aff = (np.cumsum(part, axis=1) for part in (a, a * incidence, a * incidence**2))
    total_b, total_c, total_cf = (np.cumsum(part, axis=1) for part in (b, c, c * incidence))
    spread = incidence**2 * total_a - 2 * incidence * total_af + total_aff
    return spread + total_b - 2 * (incidence * total_c - total_cf)
