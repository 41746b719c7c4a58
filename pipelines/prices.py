"""Prices: which version of which index holds on a day, the factors it gives, and what one effect is worth at the mart's prices."""

import datetime as dt
from dataclasses import dataclass
from fractions import Fraction

from models.catalogue import Catalogue, EffectValue, IndexSeries, PriceIndex
from outcomes.discounting import exact, present_value

FACTOR_SCALE = 10**12
"""Price factors are whole numbers of this part: a factor of 1.079485 is 1 079 485 000 000."""


@dataclass(frozen=True)
class IndexInUse:
    """The version of a series that holds on a day; None where none was published by then."""

    series: IndexSeries
    version: PriceIndex | None

    @property
    def name(self) -> str | None:
        """How a published row names it: `services 2025-2 (final)`."""
        return f"{self.series.id} {self.version.version} ({self.version.status})" if self.version else None

    def factor(self, price_year: int, year: int) -> int | None:
        """The factor from prices of `year` to those of `price_year`; None where no version or no rise tells."""
        return price_factor(self.version, price_year, year) if self.version else None


def indices_on(catalogue: Catalogue, day: dt.date) -> list[IndexInUse]:
    """Every series with its newest version published on or before the day; of two of one day the later in the file."""
    return [IndexInUse(series, _newest(series, day)) for series in catalogue.costs.indices]


def _newest(series: IndexSeries, day: dt.date) -> PriceIndex | None:
    published = [version for version in series.versions if version.published_on is None or version.published_on <= day]
    return max(reversed(published), key=lambda version: version.published_on or dt.date.min) if published else None


def effective_price_year(catalogue: Catalogue) -> int | None:
    """The price year of fixed prices, or None where the catalogue gives no year or no index: costs then stand as booked."""
    return catalogue.municipality.price_year if catalogue.costs.indices else None


def price_factor(index: PriceIndex, price_year: int, year: int) -> int | None:
    """The factor from prices of `year` to those of `price_year`, in units of 1/FACTOR_SCALE, rounded half up.

    I(price_year) / I(year) with I chained from (1 + yearly rise), worked out exactly and rounded once.
    None when a rise on the way is missing.
    """
    low, high = sorted((year, price_year))
    if any(step not in index.rises for step in range(low + 1, high + 1)):
        return None
    chain = Fraction(1)
    for step in range(low + 1, high + 1):
        chain *= 1 + exact(index.rises[step])
    return half_up((chain if year <= price_year else 1 / chain) * FACTOR_SCALE)


def half_up(number: Fraction) -> int:
    """A number of any size in whole numbers, halves away from zero."""
    nearest = (2 * abs(number.numerator) + number.denominator) // (2 * number.denominator)
    return nearest if number >= 0 else -nearest


def fixed_ore(amount: int, factor: int) -> int:
    """An amount at another year's prices: whole numbers, rounded half away from zero. The same sum as in `money_cost.sql`."""
    return (1 if amount >= 0 else -1) * ((abs(amount) * factor + FACTOR_SCALE // 2) // FACTOR_SCALE)


def find_value(catalogue: Catalogue, value_id: str | None) -> EffectValue | None:
    """The catalogue's value of that name."""
    return next((value for value in catalogue.costs.values if value.id == value_id), None)


def value_of(catalogue: Catalogue, value_id: str | None, day: dt.date) -> int | None:
    """What one effect is worth in oere, discounted to the cohort's own year and at the mart's prices; rounded once.

    None where the catalogue has no such value, or no index for its year. Day: what was published by then counts.
    """
    value = find_value(catalogue, value_id)
    if value is None:
        return None
    tiers = catalogue.costs.discounting.tiers if catalogue.costs.discounting else ()
    today = present_value(tiers, value.ore, value.years, value.first_year, value.drop_off)
    year = effective_price_year(catalogue)
    if year is None:
        return half_up(today)
    index = index_of_value(catalogue, value, day)
    factor = index.factor(year, value.price_year) if index else None
    return None if factor is None else half_up(today * factor / FACTOR_SCALE)


def index_of_value(catalogue: Catalogue, value: EffectValue, day: dt.date) -> IndexInUse | None:
    """The value's own series, or the one that covers direct cost."""
    wanted = (index for index in indices_on(catalogue, day))
    return next(
        (index for index in wanted if value.index == index.series.id or (not value.index and "direct" in index.series.covers)), None
    )
