"""What later years count for: the Ministry of Finance's tiers, chained, held against sums worked with floats."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.catalogue import Discounting
from outcomes.discounting import discount_factor, present_value

TIERS = Discounting.model_validate(
    {"tiers": [{"through": 35, "rate": 0.035}, {"through": 70, "rate": 0.025}, {"rate": 0.015}], "source": "example"}
).tiers


@pytest.mark.parametrize(
    ("year", "factor"), [(0, 1.0), (1, 1 / 1.035), (35, 0.2999768617), (36, 0.2926603528), (70, 0.1264015701), (71, 0.1245335666)]
)
def test_each_year_is_discounted_at_its_own_tier_on_top_of_those_before(year: int, factor: float) -> None:
    assert float(discount_factor(TIERS, year)) == pytest.approx(factor, rel=1e-9)


def test_ten_years_paid_at_year_end_and_at_year_start() -> None:
    assert float(present_value(TIERS, 1, years=10, first_year=1)) == pytest.approx(8.3166053226)
    assert float(present_value(TIERS, 1, years=10)) == pytest.approx(8.6076865089)


def test_an_effect_wears_off_before_it_is_discounted() -> None:
    by_hand = 100 + 100 * 0.8 / 1.035 + 100 * 0.64 / 1.035**2
    assert float(present_value(TIERS, 100, years=3, drop_off=0.2)) == pytest.approx(by_hand)


def test_without_tiers_nothing_is_discounted() -> None:
    assert present_value((), 100, years=3) == 300


@given(st.integers(0, 120), st.integers(1, 60))
def test_a_later_year_never_counts_for_more(year: int, later: int) -> None:
    assert 0 < discount_factor(TIERS, year + later) < discount_factor(TIERS, year)
