"""Logistic and Poisson regression of a reference, by statsmodels, on records counted by case mix."""

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
import statsmodels.api as sm

from models.catalogue import CaseMix
from models.reference import INTERCEPT, Method, Term
from outcomes.casemix import level_names, number_of
from outcomes.estimators import Floats

STEEPEST = 15.0
"""A coefficient (on the log or logit scale) beyond this has run away: some level has only one answer."""


class NoSolution(ValueError):
    """The records do not determine the coefficients; the message says which covariate is at fault."""


def fit_terms(
    method: Method, case_mix: Sequence[CaseMix], levels: Sequence[tuple[str, ...]], amounts: Sequence[float], counts: Sequence[int]
) -> tuple[tuple[Term, ...], float]:
    """(terms, dispersion) of a generalised linear model with its canonical link, fitted to the last digit by IRLS.

    levels, amounts, counts   so many records (`counts`) have these levels and this outcome
    dispersion                Pearson's chi-square over the residual degrees of freedom
    raises                    NoSolution where a level has only one answer, two covariates say the same, or a number is missing
    """
    columns = _columns(case_mix, levels)
    weights = np.asarray(counts, dtype=np.float64)
    design = np.column_stack([np.ones(len(levels)), *(values for _, _, values in columns)])
    _require_rank(design, columns)
    family = sm.families.Binomial() if method == "logistic" else sm.families.Poisson()
    model = sm.GLM(np.asarray(amounts, dtype=np.float64), design, family=family, freq_weights=weights)
    with warnings.catch_warnings(), np.errstate(all="ignore"):  # whether there is a solution is judged below, in words
        warnings.simplefilter("ignore")
        fitted = model.fit(tol=1e-12, maxiter=200)
    _require_finite(fitted.params, columns)
    terms = [Term(term=INTERCEPT, n=int(weights.sum()), coefficient=float(fitted.params[0]), standard_error=float(fitted.bse[0]))]
    for (name, level, values), coefficient, error in zip(columns, fitted.params[1:], fitted.bse[1:], strict=True):
        n = int(weights[values != 0].sum()) if level else int(weights.sum())
        terms.append(Term(term=name, level=level, n=n, coefficient=float(coefficient), standard_error=float(error)))
    terms += _bases(case_mix, levels, weights)
    order = {one.attribute: place for place, one in enumerate(case_mix, start=1)}
    degrees = weights.sum() - design.shape[1]
    dispersion = float(fitted.pearson_chi2 / degrees) if degrees > 0 else 1.0
    return tuple(sorted(terms, key=lambda one: order.get(one.term, 0))), dispersion


def _present(covariate: CaseMix, place: int, levels: Sequence[tuple[str, ...]]) -> list[str]:
    """The levels that the records have: the declared ones in their order, then others by name."""
    found = {one[place] for one in levels}
    declared = [name for name in level_names(covariate) if name in found]
    return declared + sorted(found - set(declared))


def _columns(case_mix: Sequence[CaseMix], levels: Sequence[tuple[str, ...]]) -> list[tuple[str, str, Floats]]:
    """(covariate, level, column of the design): one per level but the first, or the number itself."""
    found: list[tuple[str, str, Floats]] = []
    for place, covariate in enumerate(case_mix):
        if covariate.linear:
            numbers = [number_of(one[place]) for one in levels]
            if None in numbers:
                raise NoSolution(f"some records have no number for {covariate.attribute}; give it bands, so that missing is a level")
            found.append((covariate.attribute, "", np.array(numbers, dtype=np.float64)))
            continue
        found += [
            (covariate.attribute, level, np.array([one[place] == level for one in levels], dtype=np.float64))
            for level in _present(covariate, place, levels)[1:]
        ]
    return found


def _bases(case_mix: Sequence[CaseMix], levels: Sequence[tuple[str, ...]], weights: Floats) -> list[Term]:
    """The level of each covariate that the others are compared with."""
    found = []
    for place, covariate in enumerate(case_mix):
        if not covariate.linear and (base := _present(covariate, place, levels)):
            n = int(weights[[one[place] == base[0] for one in levels]].sum())
            found.append(Term(term=covariate.attribute, level=base[0], n=n, coefficient=0.0))
    return found


def _require_rank(design: Floats, columns: Sequence[tuple[str, str, Floats]]) -> None:
    if np.linalg.matrix_rank(design) < design.shape[1]:
        names = ", ".join(dict.fromkeys(name for name, _, _ in columns))
        raise NoSolution(f"some covariates say the same of every record ({names}); leave one out, or fit strata")


def _require_finite(parameters: Any, columns: Sequence[tuple[str, str, Floats]]) -> None:
    for (name, level, _), value in zip(columns, parameters[1:], strict=True):
        if not np.isfinite(value) or (level and abs(value) > STEEPEST):
            raise NoSolution(f"all records of {name} = {level or 'any value'} have the same answer; use coarser levels, or fit strata")
    if not np.isfinite(parameters[0]) or abs(parameters[0]) > STEEPEST:
        raise NoSolution("all records have the same answer")
