"""Differences between two sides against statsmodels and scipy, also where sides are empty, alone, or all alike."""

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.proportion import confint_proportions_2indep

from outcomes.differences import Difference, difference_in_means, difference_in_shares, mean_limits, paired_difference, ratio_of_shares
from outcomes.selection import Measured, expected_without_effect, measured_twice

SIDE = st.integers(1, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
VALUES = st.lists(st.integers(-1000, 1000), min_size=2, max_size=40)


def limits(difference: Difference | None) -> tuple[float, float]:
    assert difference is not None
    return difference.low, difference.high


@given(SIDE, SIDE)
def test_newcombe_and_wald_agree_with_statsmodels(treated: tuple[int, int], control: tuple[int, int]) -> None:
    for method, name in (("newcombe", "newcomb"), ("wald", "wald")):
        expected = confint_proportions_2indep(*treated, *control, compare="diff", method=name)
        assert limits(difference_in_shares(method, treated, control)) == pytest.approx(expected, rel=1e-9, abs=1e-12)


def test_newcombes_own_example() -> None:
    # Newcombe (1998), table II, case (a): 56/70 less 48/80 is 0.2, limits 0.0524 and 0.3339.
    found = difference_in_shares("newcombe", (56, 70), (48, 80))
    assert found is not None
    assert (found.estimate, found.low, found.high) == pytest.approx((0.2, 0.0524, 0.3339), abs=5e-5)


@given(SIDE.filter(lambda s: s[0] > 0), SIDE.filter(lambda s: s[0] > 0))
def test_a_ratio_of_shares_has_katz_limits(treated: tuple[int, int], control: tuple[int, int]) -> None:
    expected = confint_proportions_2indep(*treated, *control, compare="ratio", method="log", correction=False)
    assert limits(ratio_of_shares(treated, control)) == pytest.approx(expected, rel=1e-9)


def test_an_empty_side_has_no_difference() -> None:
    assert difference_in_shares("newcombe", (0, 0), (3, 5)) is None
    assert difference_in_shares("wald", (3, 5), (0, 0)) is None
    assert ratio_of_shares((0, 4), (1, 4)) is None
    nobody, some = np.zeros(0), np.array([1.0, 2.0])
    for method in ("welch", "pooled", "hc1", "ols"):
        assert difference_in_means(method, nobody, some) is None
    assert paired_difference(nobody, nobody) is None


@given(VALUES.filter(lambda v: len(set(v)) > 1), VALUES.filter(lambda v: len(set(v)) > 1))
def test_welch_and_pooled_agree_with_scipy(treated: list[int], control: list[int]) -> None:
    y1, y0 = np.array(treated, dtype=float), np.array(control, dtype=float)
    for method, equal in (("welch", False), ("pooled", True)):
        found, other = difference_in_means(method, y1, y0), stats.ttest_ind(y1, y0, equal_var=equal)
        interval = other.confidence_interval()
        assert found is not None
        assert (found.low, found.high, found.degrees) == pytest.approx((interval.low, interval.high, other.df), rel=1e-8, abs=1e-8)
        assert found.p_value == pytest.approx(other.pvalue, rel=1e-6, abs=1e-12)


@given(VALUES.filter(lambda v: len(set(v)) > 1), VALUES.filter(lambda v: len(set(v)) > 1), st.integers(0, 2**32 - 1))
@settings(max_examples=40)
def test_regressions_agree_with_statsmodels(treated: list[int], control: list[int], seed: int) -> None:
    y1, y0 = np.array(treated, dtype=float), np.array(control, dtype=float)
    side = np.r_[np.ones(len(y1)), np.zeros(len(y0))]
    noise = np.random.default_rng(seed).normal(size=(len(side), 2)) * [1.0, 1e5] + [0.0, 3e5]
    plain = sm.OLS(np.r_[y1, y0], sm.add_constant(side)).fit(cov_type="HC1", use_t=True)
    assert limits(difference_in_means("hc1", y1, y0)) == pytest.approx(tuple(plain.conf_int()[1]), rel=1e-8, abs=1e-8)
    if len(side) > 5:
        design = sm.add_constant(np.column_stack([side, noise]))
        for method, covariance in (("ols", "nonrobust"), ("ols_hc1", "HC1")):
            fit = sm.OLS(np.r_[y1, y0], design).fit(cov_type=covariance, use_t=True)
            found = difference_in_means(method, y1, y0, noise)
            assert found is not None
            assert (found.estimate, found.standard_error) == pytest.approx((fit.params[1], fit.bse[1]), rel=1e-6, abs=1e-6)


def test_somebody_alone_has_a_mean_but_no_limits() -> None:
    found = difference_in_means("welch", np.array([3.0]), np.array([1.0, 2.0]))
    assert found is not None
    assert found.estimate == 1.5
    assert np.isnan(found.low)
    assert np.isnan(mean_limits(np.array([3.0]))).all()


def test_where_all_are_alike_nothing_is_uncertain() -> None:
    found = difference_in_means("welch", np.full(4, 3.0), np.full(5, 1.0))
    assert found is not None
    assert (found.low, found.high, found.standard_error) == (2.0, 2.0, 0.0)


@given(
    st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)), min_size=2, max_size=30).filter(lambda v: len({b - a for a, b in v}) > 1)
)
def test_a_paired_difference_is_students(pairs: list[tuple[int, int]]) -> None:
    after, before = (np.array(side, dtype=float) for side in zip(*pairs, strict=True))
    interval = stats.ttest_rel(after, before).confidence_interval()
    assert limits(paired_difference(after, before)) == pytest.approx((interval.low, interval.high), rel=1e-8, abs=1e-8)


def test_people_chosen_above_60_fall_though_nothing_is_done() -> None:
    # Mean 50, deviation 10, correlation 0.7: 65.2513527616 at the choice, 60.6759469331 the next time.
    found = expected_without_effect(60, "above", Measured(50, 10, 0.7))
    assert (found.before, found.after, found.change) == pytest.approx((65.2513527616, 60.6759469331, -4.5754058285), rel=1e-9)


def test_people_chosen_below_a_bar_rise_as_much() -> None:
    assert expected_without_effect(40, "below", Measured(50, 10, 0.7)).change == pytest.approx(4.5754058285, rel=1e-9)


def test_mean_deviation_and_correlation_come_from_two_measurements() -> None:
    first, second = np.array([1.0, 2.0, 3.0, 4.0, 9.0]), np.array([1.5, 2.5, 2.0, 4.5, np.nan])
    found = measured_twice(first, second)
    assert found is not None
    assert (found.mean, found.deviation) == pytest.approx((3.8, np.std(first, ddof=1)))
    assert found.correlation == pytest.approx(stats.pearsonr(first[:4], second[:4]).statistic)
    assert measured_twice(first[:2], second[:2]) is None
