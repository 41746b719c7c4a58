"""The pinned reference values, by name: each asked of the product's own functions, or shown to be a golden case through the real mart."""

from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

from models.catalogue import PriceIndex
from outcomes import funnel
from outcomes.attribution import largest_remainder, shapley
from outcomes.discounting import present_value
from outcomes.estimators import byar, fieller, net_benefit, poisson_exact, ratio_to_census, share, wilson
from outcomes.selection import Measured, expected_without_effect
from outcomes.survival import COMPETING, EVENT, Curve, aalen_johansen, kaplan_meier, risk_table
from pipelines.prices import FACTOR_SCALE, fixed_ore, price_factor

CENSORED = 2
COHORT = [(2, EVENT), (3, CENSORED), (4, COMPETING), (5, EVENT), (6, CENSORED), (8, EVENT), (9, COMPETING)] + [(12, CENSORED)] * 3
TIED = [(1, EVENT), (1, COMPETING), (1, CENSORED), (2, EVENT), (2, CENSORED)]
OBSERVED, EXPECTED = np.array([26, 14, 33, 9, 41, 18]), np.array([20, 18, 25, 15, 30, 22])

THROUGH_THE_MART = {
    "naive_shares": "test_trap_01_immature_denominator.py",
    "maturity": "test_trap_01_immature_denominator.py",
    "competing_shares": "test_trap_02_competing.py",
    "casemix": "test_trap_03_creaming.py",
    "kroner_per_effect": "test_trap_04_ranking_noise.py",
    "ledger_classes": "test_trap_05_cost.py",
    "attribution_rules": "test_trap_07_claimed_many_times.py",
    "ordinal_change": "test_trap_09_levels.py",
    "disclosure": "test_trap_10_disclosure.py",
}
"""Oracles about counting, placing or hiding rather than about an estimator: their numbers stand in these cases."""

WITH_AN_ESTIMATOR = (
    "kaplan_meier", "aalen_johansen", "aalen_johansen_tied", "wilson", "standardised_ratio", "funnel_limits", "funnel_limits_share",
    "overdispersion", "shrinkage", "false_alerts", "fieller", "census_cost", "net_benefit", "deflation", "discounting", "shapley",
    "regression_to_the_mean",
)  # fmt: skip


def close(*expected: float) -> object:
    return pytest.approx(expected, rel=1e-6)


def curve(cohort: list[tuple[int, int]], competing: bool = True) -> Curve:
    ends = np.array([CENSORED if kind == COMPETING and not competing else kind for _, kind in cohort])
    times = np.array([time for time, _ in cohort])
    table = risk_table(np.zeros_like(times), times, ends, np.ones_like(times), 1, times.max() + 1)
    return aalen_johansen(table) if competing else kaplan_meier(table)


def test_every_oracle_has_its_test_here_or_its_golden_case() -> None:
    tested = {name.removeprefix("test_oracle_") for name in globals() if name.startswith("test_oracle_")}
    assert tested == set(WITH_AN_ESTIMATOR)
    assert len(tested | set(THROUGH_THE_MART)) == 26


@pytest.mark.parametrize(("oracle", "case"), sorted(THROUGH_THE_MART.items()))
def test_the_golden_case_of_an_oracle_is_there(oracle: str, case: str) -> None:
    assert (Path(__file__).parent / case).exists(), f"{oracle} is shown by {case}"


def test_oracle_kaplan_meier() -> None:
    found = curve(COHORT, competing=False)
    assert (found.survival[0, 12], found.incidence[0, 12]) == close(0.6171428571, 0.3828571429)
    assert (found.survival_low[0, 12], found.survival_high[0, 12]) == close(0.2067942288, 0.8625936482)


def test_oracle_aalen_johansen() -> None:
    found = curve(COHORT)
    assert tuple(found.incidence[0, [3, 6, 12]]) == close(0.1, 0.2125, 0.3475)
    assert (found.survival[0, 12], found.incidence_se[0, 12]) == close(0.405, 0.1653703231)
    assert (found.incidence_low[0, 12], found.incidence_high[0, 12]) == close(0.0777314407, 0.6457401817)
    swapped = curve([(time, {EVENT: COMPETING, COMPETING: EVENT}.get(kind, kind)) for time, kind in COHORT])
    assert swapped.incidence[0, 12] == pytest.approx(0.2475, rel=1e-6)
    assert swapped.incidence[0, 12] + found.incidence[0, 12] + found.survival[0, 12] == pytest.approx(1)


def test_oracle_aalen_johansen_tied() -> None:
    found = curve(TIED)
    in_play = found.survival[0, 2]
    assert (found.incidence[0, 2], in_play, 1 - found.incidence[0, 2] - in_play) == close(0.5, 0.3, 0.2)


def test_oracle_wilson() -> None:
    limits = {(4, 5): (0.3755346298, 0.9637758914), (8, 10): (0.4901624715, 0.9433178485), (3, 8): (0.1368442858, 0.6942576054)}
    for (achieved, of), expected in (limits | {(0, 7): (0.0, 0.3543304351), (18, 30): (0.4232036025, 0.7540937188)}).items():
        low, high = wilson(achieved, of)
        assert (float(low), float(high)) == close(*expected)


def test_oracle_standardised_ratio() -> None:
    assert share(26, 20) == pytest.approx(1.3)
    assert tuple(map(float, poisson_exact(26, 20))) == close(0.8492031608, 1.9048012042)
    assert tuple(map(float, byar(26, 20))) == close(0.8489877903, 1.9048771074)
    assert tuple(map(float, poisson_exact(4))) == close(1.0898653736, 10.2415886754)
    assert share(1820, 2080) == pytest.approx(0.875)


def test_oracle_funnel_limits() -> None:
    for alpha, expected in ((0.05, (0.6108259793, 1.5444188951)), (0.002, (0.4479106634, 1.9020940677))):
        assert tuple(float(limit) for limit in funnel.ratio_limits(20, alpha)) == close(*expected)


def test_oracle_funnel_limits_share() -> None:
    for alpha, expected in ((0.05, (0.2116881321, 0.5026024193)), (0.002, (0.1436635049, 0.5914404492))):
        assert tuple(float(limit) for limit in funnel.share_limits_arcsine(40, 0.35, alpha)) == close(*expected)


def test_oracle_overdispersion(monkeypatch: pytest.MonkeyPatch) -> None:
    # The six units of the oracle are fewer than it is estimated for: the formula is asked, not the rule.
    monkeypatch.setattr(funnel, "FEWEST_UNITS", 1)
    found = funnel.overdispersion(funnel.z_ratio(OBSERVED, EXPECTED), 4 * EXPECTED, "square_root")
    assert found is not None
    assert (found.phi, found.tau2) == close(2.0121543796, 0.0164875989)
    for alpha, expected in ((0.05, (0.4439577316, 1.7787516035)), (0.002, (0.2245479728, 2.3290882488))):
        assert tuple(float(limit) for limit in funnel.ratio_limits_square_root(20, alpha, found.tau2)) == close(*expected)


def test_oracle_shrinkage() -> None:
    mean, _, _ = funnel.shrunk([0, 26], [2, 20], funnel.Prior(10, 10, 1.0, "stated"))
    assert tuple(mean) == close(0.8333333333, 1.2)


def test_oracle_false_alerts() -> None:
    assert (funnel.false_alerts(50, 0.05), funnel.false_alerts(50, 0.002)) == close(2.5, 0.1)


def test_oracle_fieller() -> None:
    bounded = fieller(48_000, 0.30, 1500**2, 0.05**2, 0.3 * 1500 * 0.05)
    assert (bounded.shape, (bounded.low, bounded.high)) == ("bounded", close(121940.7271722, 234134.3098971))
    complement = fieller(6_000, 0.04, 2500**2, 0.03**2)
    assert (complement.shape, (complement.low, complement.high)) == ("complement", close(-281381.9098179, 22944.0397003))
    line = fieller(1_000, 0.01, 2500**2, 0.03**2)
    assert (line.shape, line.low, line.high) == ("whole line", None, None)


def test_oracle_census_cost() -> None:
    low, high = 0.30 - 1.959963984540054 * 0.05, 0.30 + 1.959963984540054 * 0.05
    found = fieller(48_000, 0.30, 0.0, 0.05**2)
    direct = tuple(float(limit) for limit in ratio_to_census(48_000, low, high))
    assert direct == close(120603.5607529, 237621.6440463)
    assert (found.low, found.high) == close(*direct)
    assert (low / 0.048, high / 0.048) == close(4.2083708494, 8.2916291506)


def test_oracle_net_benefit() -> None:
    assert net_benefit(200_000, 0.30, 48_000, 0.05**2, 1500**2, 0.3 * 1500 * 0.05) == close(12_000, 9656.6039579)


def test_oracle_deflation() -> None:
    index = PriceIndex.model_validate({"version": "1", "source": "example", "rises": {2024: 0.045, 2025: 0.033}})
    factor = price_factor(index, 2025, 2023)
    assert factor is not None
    assert factor / FACTOR_SCALE == pytest.approx(1.079485, rel=1e-6)
    assert fixed_ore(1_000_000_000, factor) == 1_079_485_000  # ten million kroner of 2023, in oere


class Tier(NamedTuple):
    through: int | None
    rate: float


def test_oracle_discounting() -> None:
    tiers = (Tier(35, 0.035), Tier(70, 0.025), Tier(None, 0.015))
    assert float(present_value(tiers, 1, 10, 1)) == pytest.approx(8.3166053226, rel=1e-6)
    assert float(present_value(tiers, 1, 10, 0)) == pytest.approx(8.6076865089, rel=1e-6)
    years = {35: 0.2999768617, 36: 0.2926603528, 70: 0.1264015701, 71: 0.1245335666}
    assert {year: float(present_value(tiers, 1, 1, year)) for year in years} == pytest.approx(years, rel=1e-6)


def test_oracle_shapley() -> None:
    worth = {"A": 20, "B": 10, "C": 0, "AB": 36, "AC": 25, "BC": 12, "ABC": 45}
    found = shapley("ABC", {frozenset(units): Fraction(effects, 100) for units, effects in worth.items()})
    assert tuple(float(found[unit]) for unit in "ABC") == close(0.2616666667, 0.1466666667, 0.0416666667)
    assert sum(found.values()) == Fraction(45, 100)
    # In whole parts, as they are published, they still add up.
    assert sum(largest_remainder(found, 1_000_000).values()) == 1_000_000


def test_oracle_regression_to_the_mean() -> None:
    found = expected_without_effect(60, "above", Measured(50, 10, 0.7))
    assert (-found.change, found.before, found.after) == close(4.5754058285, 65.2513527616, 60.6759469331)
