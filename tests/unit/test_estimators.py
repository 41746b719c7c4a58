"""Shares and ratios against published values and other libraries."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.proportion import proportion_confint

from outcomes.estimators import byar, fieller, log_log_interval, net_benefit, poisson_exact, ratio_to_census, share, wilson

TIGHT = 1e-9


# Values worked from the formula with z = 1.959963984540054: 4 of 5, 8 of 10, 0 of 7, 3 of 8, and 18 of 30.
@pytest.mark.parametrize(
    ("achieved", "of", "low", "high"),
    [
        (4, 5, 0.3755346298, 0.9637758914),
        (8, 10, 0.4901624715, 0.9433178485),
        (0, 7, 0.0, 0.3543304351),
        (3, 8, 0.1368442858, 0.6942576054),
        (18, 30, 0.4232036025, 0.7540937188),
    ],
)
def test_wilson_gives_the_published_limits(achieved: int, of: int, low: float, high: float) -> None:
    assert wilson(achieved, of) == pytest.approx((low, high), rel=1e-8)


@given(st.integers(1, 10_000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_wilson_agrees_with_statsmodels(case: tuple[int, int]) -> None:
    low, high = wilson(*case)
    expected = proportion_confint(*case, method="wilson")
    assert (float(low), float(high)) == pytest.approx(expected, rel=TIGHT, abs=1e-12)
    assert low <= share(*case) <= high


def test_of_nobody_there_is_no_share_and_no_limit() -> None:
    low, high = wilson([0, 1], [0, 2])
    assert np.isnan(share([0], [0])).all()
    assert np.isnan(low[0])
    assert np.isnan(high[0])
    assert not np.isnan(low[1])


def test_no_success_has_a_low_limit_of_exactly_nought_and_full_success_a_high_one_of_exactly_one() -> None:
    assert wilson([0, 9], [9, 9])[0][0] == 0.0
    assert wilson([0, 9], [9, 9])[1][1] == 1.0


def test_log_log_interval_of_the_worked_incidence() -> None:
    # F = 0.3475 with se 0.1653703231 (a cohort of ten worked by hand).
    assert log_log_interval(0.3475, 0.1653703231) == pytest.approx((0.0777314407, 0.6457401817), rel=1e-8)


@pytest.mark.parametrize("probability", [0.0, 1.0])
def test_log_log_has_no_limits_at_nought_and_one(probability: float) -> None:
    assert np.isnan(log_log_interval(probability, 0.1)).all()


# 26 observed of 20 expected, and 4 alone: chi-square quantiles, and Byar's approximation.
def test_poisson_limits_of_observed_over_expected() -> None:
    assert poisson_exact(26, 20) == pytest.approx((0.8492031608, 1.9048012042), rel=1e-8)
    assert poisson_exact(4) == pytest.approx((1.0898653736, 10.2415886754), rel=1e-8)
    assert byar(26, 20) == pytest.approx((0.8489877903, 1.9048771074), rel=1e-8)


@given(st.integers(0, 500), st.floats(0.1, 500))
def test_exact_poisson_limits_have_the_tails_they_claim(observed: int, expected: float) -> None:
    low, high = poisson_exact(observed, expected)
    assert stats.poisson.cdf(observed, float(high) * expected) == pytest.approx(0.025, rel=1e-6)
    if observed:
        assert stats.poisson.sf(observed - 1, float(low) * expected) == pytest.approx(0.025, rel=1e-6)
    else:
        assert low == 0.0


# Cost 48,000 (se 1,500) and effect 0.30 (se 0.05), correlated by 0.3; then two with hardly any effect.
def test_fieller_has_three_shapes() -> None:
    bounded = fieller(48_000, 0.30, 1500**2, 0.05**2, 0.3 * 1500 * 0.05)
    assert (bounded.shape, bounded.low, bounded.high) == ("bounded", pytest.approx(121940.7271722), pytest.approx(234134.3098971))
    complement = fieller(6_000, 0.04, 2500**2, 0.03**2)
    assert (complement.shape, complement.low, complement.high) == (
        "complement",
        pytest.approx(-281381.9098179),
        pytest.approx(22944.0397003),
    )
    assert fieller(1_000, 0.01, 2500**2, 0.03**2) == fieller(1_000, 0.01, 2500**2, 0.03**2).__class__("whole line", None, None)


@given(st.floats(1, 1e9), st.floats(0.01, 1e4), st.floats(0.01, 0.45))
def test_with_a_census_of_cost_fieller_is_cost_over_the_limits_of_the_effect(cost: float, effect: float, relative_se: float) -> None:
    se = effect * relative_se
    found = fieller(cost, effect, 0.0, se**2)
    low, high = ratio_to_census(cost, effect - 1.959963984540054 * se, effect + 1.959963984540054 * se)
    assert found.shape == "bounded"
    assert (found.low, found.high) == pytest.approx((float(low), float(high)), rel=1e-6)


def test_cost_per_effect_is_not_bounded_above_where_there_may_be_no_effect() -> None:
    low, high = ratio_to_census(100.0, 0.0, 4.0)
    assert low == 25.0
    assert np.isnan(high)


def test_net_benefit_at_a_stated_value() -> None:
    # 200,000 kr. an effect: 0.30 effects for 48,000 kr.
    assert net_benefit(200_000, 0.30, 48_000, 0.05**2, 1500**2, 0.3 * 1500 * 0.05) == pytest.approx((12_000, 9656.6039579), rel=1e-9)
