"""Sharing one effect between the units that took part: Shapley's value over observed combinations, and whole parts that add up.

Everything is exact: fractions where shares are worked out, whole numbers of a fine part where they are stored.
"""

from collections.abc import Iterable, Mapping
from fractions import Fraction
from itertools import combinations
from math import factorial

PARTS = 720_720_000_000
"""One effect in whole parts. Divisible by 1 to 16 and by a million, so that equal shares and stated decimals are usually exact."""

MOST_UNITS = 8
"""Units of one combination that Shapley's value is worked out for: it needs every one of the 2^m - 1 smaller combinations observed."""

Coalition = frozenset[str]


def whole_parts(share: Fraction, of: int = PARTS) -> int:
    """A share as a whole number of parts, rounded half up."""
    return (2 * share.numerator * of + share.denominator) // (2 * share.denominator)


def largest_remainder(stakes: Mapping[str, Fraction], whole: int) -> dict[str, int]:
    """`whole` parts in proportion to the stakes, adding up to it exactly: what is left over goes to the largest remainders, ties by name.

    stakes   not negative, at least one above 0
    The same rule as in `mart_claim.sql`. Hamilton's method.
    """
    total = sum(stakes.values(), Fraction(0))
    if total <= 0 or min(stakes.values()) < 0:
        raise ValueError("stakes must not be negative, and one must be above 0")
    exact = {name: whole * stake / total for name, stake in stakes.items()}
    parts = {name: int(value) for name, value in exact.items()}
    left = whole - sum(parts.values())
    for name in sorted(exact, key=lambda name: (parts[name] - exact[name], name))[:left]:
        parts[name] += 1
    return parts


def shapley(units: Iterable[str], value: Mapping[Coalition, Fraction]) -> dict[str, Fraction]:
    """Each unit's average marginal contribution: sum over S of |S|! (m - |S| - 1)! / m! (v(S + u) - v(S)). They add up to v(all) - v(none).

    value   share of effects of every combination of the units; without the empty one it counts 0
    raises  KeyError where a combination is not there
    Shapley (1953), A value for n-person games.
    """
    members = sorted(units)
    m = len(members)
    known = {frozenset[str](): Fraction(0)} | dict(value)
    found = dict.fromkeys(members, Fraction(0))
    for unit in members:
        others = [other for other in members if other != unit]
        for size in range(m):
            weight = Fraction(factorial(size) * factorial(m - size - 1), factorial(m))
            for rest in combinations(others, size):
                found[unit] += weight * (known[frozenset((*rest, unit))] - known[frozenset(rest)])
    return found


def shapley_stakes(units: Iterable[str], value: Mapping[Coalition, Fraction]) -> dict[str, Fraction] | None:
    """What each unit's part of one effect of this combination is in proportion to; None where the numbers do not allow Shapley's rule.

    They do not where a smaller combination was not observed often enough (`value` lacks it), there are too many units, or nothing was
    achieved in any order. A unit with which fewer effects came than without has no part in one that did come: it counts 0.
    """
    members = sorted(units)
    if len(members) > MOST_UNITS or not all(combination in value for combination in _within(members)):
        return None
    stakes = {unit: max(contribution, Fraction(0)) for unit, contribution in shapley(members, value).items()}
    return stakes if any(stakes.values()) else None


def _within(members: list[str]) -> Iterable[Coalition]:
    """Every combination of the members but the empty one, the smallest first."""
    return (frozenset(chosen) for size in range(1, len(members) + 1) for chosen in combinations(members, size))
