"""What a difference costs: extra effects per million, kroner per extra effect with Fieller's limits, and the quadrant."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from outcomes.estimators import fieller

Quadrant = Literal["more_effect_more_cost", "dominant", "dominated", "less_effect_less_cost"]
ORE_PER_MILLION = 1e8


@dataclass(frozen=True)
class Incremental:
    """Extra effect over extra cost per participant. A ratio is given only where both are above nought: a negative one is no price.

    quadrant     None where effect and cost are both nought
    per_million  extra effects per million kroner, with the limits of the difference; nan unless the extra cost is above nought
    shape        of the set of kroner per extra effect that the data allow: bounded, complement or whole line; None where there is no ratio
    """

    quadrant: Quadrant | None
    per_million: tuple[float, ...]
    kroner_per_effect: float
    kpe_low: float
    kpe_high: float
    shape: str | None


def incremental(
    effect: float, low: float, high: float, cost_ore: float, *, effect_error: float = np.nan, cost_error_ore: float = 0.0
) -> Incremental:
    """Hold an extra effect (better is above nought) with its limits against the extra cost of a participant.

    Without sampling error of the cost Fieller's set is the cost over the limits of the effect, whatever method gave them; with one it is
    solved from the two standard errors, independent of each other. Quadrants: Black (1990), Med Decis Making 10:212-214.
    """
    per_million = tuple(value / cost_ore * ORE_PER_MILLION if cost_ore > 0 else np.nan for value in (effect, low, high))
    quadrant = _quadrant(effect, cost_ore)
    if quadrant != "more_effect_more_cost":
        return Incremental(quadrant, per_million, np.nan, np.nan, np.nan, None)
    kroner = cost_ore / 100
    if cost_error_ore > 0:
        found = fieller(kroner, effect, (cost_error_ore / 100) ** 2, effect_error**2)
        bounded = found.shape == "bounded" and found.low is not None and found.high is not None
        limits = (float(found.low), float(found.high)) if bounded else (np.nan, np.nan)  # type: ignore[arg-type]
        return Incremental(quadrant, per_million, kroner / effect, *limits, found.shape)
    shape = "bounded" if low > 0 else "complement" if low <= 0 <= high else None
    limits = (kroner / high, kroner / low) if low > 0 else (np.nan, np.nan)
    return Incremental(quadrant, per_million, kroner / effect, *limits, shape)


def _quadrant(effect: float, cost: float) -> Quadrant | None:
    if effect == 0 and cost == 0:
        return None
    if effect >= 0 and cost <= 0:
        return "dominant"
    if effect <= 0 and cost >= 0:
        return "dominated"
    return "more_effect_more_cost" if effect > 0 else "less_effect_less_cost"
