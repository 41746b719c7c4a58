"""Price factors and rounding."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.catalogue import PriceIndex
from pipelines.prices import FACTOR_SCALE, fixed_ore, price_factor

INDEX = PriceIndex(version="1", source="example", rises={2024: 0.045, 2025: 0.033})


def test_rises_are_chained() -> None:
    assert price_factor(INDEX, 2025, 2023) == 1_079_485_000_000
    assert price_factor(INDEX, 2025, 2024) == 1_033_000_000_000
    assert price_factor(INDEX, 2025, 2025) == FACTOR_SCALE


def test_later_years_are_taken_back() -> None:
    assert price_factor(INDEX, 2023, 2025) == round(Fraction(10**12) / Fraction("1.079485"))


def test_a_missing_rise_leaves_no_factor() -> None:
    assert price_factor(INDEX, 2025, 2022) is None
    assert price_factor(INDEX, 2026, 2025) is None


@pytest.mark.parametrize(("amount", "factor", "expected"), [(5, FACTOR_SCALE // 2, 3), (-5, FACTOR_SCALE // 2, -3), (0, 7, 0)])
def test_halves_go_away_from_zero(amount: int, factor: int, expected: int) -> None:
    assert fixed_ore(amount, factor) == expected


@given(st.integers(-(10**15), 10**15), st.integers(1, 5 * FACTOR_SCALE))
def test_a_fixed_amount_is_within_half_an_oere_and_mirrors_its_sign(amount: int, factor: int) -> None:
    assert abs(Fraction(fixed_ore(amount, factor)) - Fraction(amount * factor, FACTOR_SCALE)) <= Fraction(1, 2)
    assert fixed_ore(-amount, factor) == -fixed_ore(amount, factor)
