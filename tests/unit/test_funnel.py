"""Limits, scores, over-dispersion, shrinkage and ranks against pinned numbers and independent libraries."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.meta_analysis import combine_effects

from outcomes import funnel, ranks

OBSERVED, EXPECTED = [26, 14, 33, 9, 41, 18], [20, 18, 25, 15, 30, 22]


def test_exact_limits_of_a_ratio_at_twenty_expected() -> None:
    low, high = funnel.ratio_limits(20, funnel.ALERT)
    assert (float(low), float(high)) == pytest.approx((0.6108259793, 1.5444188951), rel=1e-6)
    low, high = funnel.ratio_limits(20, funnel.ALARM)
    assert (float(low), float(high)) == pytest.approx((0.4479106634, 1.9020940677), rel=1e-6)


def test_nothing_expected_has_no_limits() -> None:
    for limits in (
        funnel.ratio_limits([0.0], 0.05),
        funnel.ratio_limits_square_root([0.0], 0.05, 0.1),
        funnel.ratio_limits_log([0.0], 0.05, 0),
    ):
        assert np.isnan(limits).all()


def test_arcsine_limits_of_a_share() -> None:
    for alpha, wanted in ((0.05, (0.2116881321, 0.5026024193)), (0.002, (0.1436635049, 0.5914404492))):
        low, high = funnel.share_limits_arcsine(40, 0.35, alpha)
        assert (float(low), float(high)) == pytest.approx(wanted, rel=1e-6)


def test_over_dispersion_without_winsorising_and_the_widened_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(funnel, "FEWEST_UNITS", 6)  # the pinned example has six units
    found = funnel.overdispersion(funnel.z_ratio(OBSERVED, EXPECTED), 4 * np.array(EXPECTED), "square_root")
    assert found is not None
    assert (found.phi, found.tau2) == pytest.approx((2.0121543796, 0.0164875989), rel=1e-6)
    for alpha, wanted in ((0.05, (0.4439577316, 1.7787516035)), (0.002, (0.2245479728, 2.3290882488))):
        low, high = funnel.ratio_limits_square_root(20, alpha, found.tau2)
        assert (float(low), float(high)) == pytest.approx(wanted, rel=1e-6)


def test_below_ten_units_nothing_is_estimated() -> None:
    assert funnel.overdispersion(funnel.z_ratio(OBSERVED, EXPECTED), 4 * np.array(EXPECTED)) is None
    assert funnel.gamma_prior(OBSERVED, EXPECTED) is None


def test_winsorising_brings_one_outlier_back_to_the_others() -> None:
    z, w = np.array([0.0] * 18 + [1.0, 50.0]), np.full(20, 40.0)
    as_is, kept = funnel.overdispersion(z, w, "square_root"), funnel.overdispersion(z, w, "square_root_winsorised")
    assert as_is is not None
    assert kept is not None
    assert as_is.phi > 100
    assert kept.phi == pytest.approx((np.clip(z, *np.quantile(z, [0.1, 0.9])) ** 2).mean())


def test_trimming_leaves_the_tenths_at_both_ends_out() -> None:
    z = np.arange(1.0, 55.0)  # 54 units: five fall away at each end
    found = funnel.overdispersion(z, np.full(54, 10.0), "log_trimmed")
    assert found is not None
    assert found.n == 44


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 200), st.floats(1, 200)), min_size=10, max_size=40))
def test_tau2_is_that_of_dersimonian_and_laird_about_the_target(units: list[tuple[int, float]]) -> None:
    o, e = (np.array(column, dtype=float) for column in zip(*units, strict=True))
    found = funnel.overdispersion(funnel.z_ratio(o, e), 4 * e, "square_root")
    assert found is not None
    # statsmodels centres on the pooled mean; about the target itself Q is the sum of squared scores.
    effect, variance = np.sqrt(o / e), 1 / (4 * e)
    with np.errstate(all="ignore"):  # its random-effects part, which is not used here, has no answer for units that do not differ
        pooled = combine_effects(effect, variance, method_re="chi2")
    w = 1 / variance
    q_shift = float((w * (effect - 1) ** 2).sum() - (w * (effect - pooled.mean_effect_fe) ** 2).sum())
    scale = w.sum() - (w**2).sum() / w.sum()
    assert found.tau2 == pytest.approx(max(0.0, (pooled.q + q_shift - (len(o) - 1)) / scale), rel=1e-6, abs=1e-12)


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 400), st.floats(0.001, 0.999), st.sampled_from([0.05, 0.002]))
def test_exact_binomial_limits_leave_less_than_half_alpha_in_each_tail(n: int, p: float, alpha: float) -> None:
    low, high = (round(float(limit) * n) for limit in funnel.share_limits_exact(n, p, alpha))
    assert stats.binom.cdf(low - 1, n, p) < alpha / 2 <= stats.binom.cdf(low, n, p) + 1e-12
    assert stats.binom.sf(high, n, p) <= alpha / 2 + 1e-12
    assert stats.binom.sf(high - 1, n, p) > alpha / 2 - 1e-12


def test_score_of_a_share_is_the_normal_one() -> None:
    assert float(funnel.z_share(41, 143, 397 / 3319)) == pytest.approx(6.157630433345793, rel=1e-9)


def test_exact_tails_and_the_normal_score_flag_different_units() -> None:
    # Bowel-cancer deaths 2011-13, Falkirk: the normal score is outside 99.8 %, the exact tail is not (The Art of Statistics, figure 2.5).
    n, p, k = 202_899, 15_009 / 85_161_167, 56
    assert float(funnel.z_share(k, n, p)) > funnel.normal_quantile(funnel.ALARM)
    assert k / n <= float(funnel.share_limits_exact(n, p, funnel.ALARM)[1])


def test_shrinkage_with_a_stated_prior() -> None:
    prior = funnel.Prior(10, 10, 1.0, "stated")
    mean, low, high = funnel.shrunk([0, 26], [2, 20], prior)
    assert mean.tolist() == pytest.approx([0.8333333333, 1.2], rel=1e-9)
    assert low.tolist() == pytest.approx([stats.gamma.ppf(0.025, 10, scale=1 / 12), stats.gamma.ppf(0.025, 36, scale=1 / 30)])
    assert (low < mean).all()
    assert (mean < high).all()


def test_an_estimated_prior_finds_the_distribution_that_the_units_come_from() -> None:
    rng = np.random.default_rng(5)
    true, e = rng.gamma(20, 1 / 20, 4000), np.full(4000, 60.0)
    prior = funnel.gamma_prior(rng.poisson(true * e), e)
    assert prior is not None
    assert (prior.how, prior.mean) == ("estimated", pytest.approx(1.0, abs=0.02))
    assert prior.a == pytest.approx(20, rel=0.1)


def test_units_that_differ_less_than_chance_all_have_the_common_ratio() -> None:
    prior = funnel.gamma_prior([20] * 12, [20.0] * 12)
    assert prior is not None
    assert prior.how == "no_heterogeneity"
    assert funnel.shrunk([20, 40], [20, 20], prior)[0].tolist() == [1.0, 1.0]


def test_alerts_that_chance_alone_would_give() -> None:
    assert (funnel.false_alerts(50, funnel.ALERT), funnel.false_alerts(50, funnel.ALARM)) == pytest.approx((2.5, 0.1))


def test_codes_say_which_limits_a_unit_is_outside_of() -> None:
    alert, alarm = (np.full(6, 0.8), np.full(6, 1.2)), (np.full(6, 0.5), np.full(6, 1.5))
    assert funnel.codes([1.0, 0.7, 1.3, 0.4, 1.6, np.nan], alert, alarm) == [
        "within", "alert_low", "alert_high", "alarm_low", "alarm_high", None,
    ]  # fmt: skip
    assert set(funnel.VERDICTS) == {"within", "alert_low", "alert_high", "alarm_low", "alarm_high"}
    assert funnel.VERDICTS["within"][0] == "cannot be told from expected"


def test_ranks_of_equal_units_cover_nearly_all_places_and_are_the_same_every_time() -> None:
    draws = ranks.share_draws([50] * 20, [100] * 20)
    low, high = ranks.rank_limits(draws)
    assert (low <= 3).all()
    assert (high >= 18).all()
    again = ranks.rank_limits(ranks.share_draws([50] * 20, [100] * 20))
    assert (low == again[0]).all()
    assert (high == again[1]).all()


def test_units_far_apart_keep_their_places() -> None:
    low, high = ranks.rank_limits(ranks.ratio_draws([1000, 100, 10], [100, 100, 100]))
    assert (low.tolist(), high.tolist()) == ([1, 2, 3], [1, 2, 3])
    assert [len(limits) for limits in ranks.rank_limits(np.empty((0, 5)))] == [0, 0]
