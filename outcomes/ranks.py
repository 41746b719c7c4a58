"""Ranks with the uncertainty they have: by simulation with a fixed seed, so that the same figures give the same ranks every time.

Goldstein & Spiegelhalter (1996), J R Stat Soc A 159:385-443: a rank without its interval says nothing.
"""

from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from outcomes.estimators import Floats

SEED: Final = 20160101
DRAWS: Final = 1000
METHOD = f"95 % of {DRAWS} simulated ranks, Jeffreys posterior, seed {SEED}"
"""How rank intervals are made, in words."""


def share_draws(achieved: ArrayLike, n: ArrayLike) -> Floats:
    """Draws of each unit's true share (units x draws): Jeffreys' posterior, Beta(k + 1/2, n - k + 1/2)."""
    k, trials = _column(achieved), _column(n)
    return np.random.default_rng(SEED).beta(k + 0.5, trials - k + 0.5, size=(len(k), DRAWS))


def ratio_draws(observed: ArrayLike, expected: ArrayLike) -> Floats:
    """Draws of each unit's true ratio (units x draws): Jeffreys' posterior of a Poisson rate, Gamma(O + 1/2) over E."""
    o, e = _column(observed), _column(expected)
    return np.asarray(np.random.default_rng(SEED).standard_gamma(o + 0.5, size=(len(o), DRAWS)) / e, dtype=np.float64)


def rank_limits(draws: Floats) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The 2.5 % and 97.5 % points of each unit's rank over the draws; rank 1 is the largest.

    draws   units x draws, continuous: no two of one draw are alike
    """
    if not len(draws):
        return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64)
    by_draw = np.ascontiguousarray(-draws.T)
    ranks = np.empty(by_draw.shape, dtype=np.int64)
    places = np.broadcast_to(np.arange(1, by_draw.shape[1] + 1), by_draw.shape)
    np.put_along_axis(ranks, np.argsort(by_draw, axis=1), places, axis=1)
    last = by_draw.shape[0] - 1
    low, high = int(np.floor(0.025 * last)), int(np.ceil(0.975 * last))
    found = np.partition(ranks, (low, high), axis=0)
    return found[low], found[high]


def _column(values: ArrayLike) -> Floats:
    return np.asarray(values, dtype=np.float64).reshape(-1, 1)
