"""What a frozen reference expects of a record: a rate per stratum, or a regression's mean."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from itertools import groupby

import numpy as np

from models.reference import INTERCEPT, Reference, Stratum
from outcomes.casemix import REST, number_of
from outcomes.estimators import Floats

Profile = tuple[tuple[str, ...], int | None]
"""Levels in the order of the covariates, and the time that the reference is asked for (none: matured records)."""


def expected_rates(reference: Reference, profiles: Sequence[Profile]) -> Floats:
    """What is expected of one record of each profile; nan where the reference does not know the stratum.

    strata with time: the last value at or before the time, 0 before the first.
    """
    if reference.method == "strata":
        return _strata_rates(reference, profiles)
    coefficients = {(one.term, one.level): one.coefficient for one in reference.terms}
    means = np.array([_linear(coefficients, reference.covariates, levels) for levels, _ in profiles], dtype=np.float64)
    return 1 / (1 + np.exp(-means)) if reference.method == "logistic" else np.exp(means)


def _strata_rates(reference: Reference, profiles: Sequence[Profile]) -> Floats:
    curves = {levels: list(rows) for levels, rows in groupby(sorted(reference.strata, key=_order), key=lambda row: row.levels)}
    rest = curves.get((REST,) * len(reference.covariates), [])
    return np.array([_rate(curves.get(levels, rest), time) for levels, time in profiles], dtype=np.float64)


def _order(row: Stratum) -> tuple[tuple[str, ...], int]:
    return row.levels, -1 if row.time is None else row.time


def _rate(rows: list[Stratum], time: int | None) -> float:
    if not rows or (time is None and rows[0].n == 0):
        return float("nan")
    if time is None:
        return rows[0].rate
    place = bisect_right([row.time or 0 for row in rows], time)
    return rows[place - 1].rate if place else 0.0


def _linear(coefficients: Mapping[tuple[str, str], float], covariates: tuple[str, ...], levels: tuple[str, ...]) -> float:
    """The linear predictor; nan where a level has no coefficient, or a number is not one."""
    total = coefficients[INTERCEPT, ""]
    for name, level in zip(covariates, levels, strict=True):
        if (name, "") in coefficients:
            number = number_of(level)
            total += float("nan") if number is None else coefficients[name, ""] * number
        else:
            total += coefficients.get((name, level), float("nan"))
    return total
