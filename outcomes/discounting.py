"""What later years count for today: discount factors by tiers and the present value of a yearly amount.

Exact fractions all the way; rounding to whole oere is the caller's, once. Tiers are real rates (for fixed prices) and are chained: each
year is discounted at its own tier's rate on top of the years before it.
"""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Protocol


class Tier(Protocol):
    """A yearly rate up to and including a year; the last tier has no end."""

    @property
    def through(self) -> int | None:
        """The last year of the tier."""

    @property
    def rate(self) -> float:
        """The yearly rate, 0.035 for 3.5 %."""


def exact(number: float) -> Fraction:
    """A decimal number as it was written: 0.035 is 35/1000, not the nearest binary fraction."""
    return Fraction(Decimal(repr(float(number))))


def discount_factor(tiers: Sequence[Tier], year: int) -> Fraction:
    """What one krone in so many years is worth today; 1 in year 0."""
    factor, first = Fraction(1), 1
    for tier in tiers:
        last = year if tier.through is None else min(year, tier.through)
        if last >= first:
            factor /= (1 + exact(tier.rate)) ** (last - first + 1)
            first = last + 1
    return factor


def present_value(tiers: Sequence[Tier], amount: int, years: int = 1, first_year: int = 0, drop_off: float = 0.0) -> Fraction:
    """An amount in each of `years` years from `first_year` on, less a share `drop_off` a year, discounted to year 0.

    The effect's wearing off comes before discounting: amount x (1 - drop_off)^n x factor(first_year + n), n from 0.
    """
    stays = 1 - exact(drop_off)
    return sum((amount * stays**n * discount_factor(tiers, first_year + n) for n in range(years)), Fraction(0))
