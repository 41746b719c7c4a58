"""Kaplan-Meier and Aalen-Johansen against lifelines, statsmodels and scikit-survival, ties and all.

lifelines' Aalen-Johansen breaks ties at random, so that one is held against statsmodels and scikit-survival only.
"""

import warnings

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from lifelines import KaplanMeierFitter
from sksurv.nonparametric import cumulative_incidence_competing_risks
from statsmodels.duration.survfunc import CumIncidenceRight, SurvfuncRight

from outcomes.survival import CENSORED, COMPETING, EVENT, Curve, RiskTable, aalen_johansen, kaplan_meier, risk_table

TIGHT = {"rel": 1e-9, "abs": 1e-12}
# (months, how it ended); the three at 12 are observed to the horizon without effect
COHORT = [(2, EVENT), (3, CENSORED), (4, COMPETING), (5, EVENT), (6, CENSORED), (8, EVENT), (9, COMPETING)] + [(12, CENSORED)] * 3
TIED = [(1, EVENT), (1, COMPETING), (1, CENSORED), (2, EVENT), (2, CENSORED)]

people = st.lists(st.tuples(st.integers(0, 12), st.sampled_from([EVENT, COMPETING, CENSORED])), min_size=1, max_size=60)


def table_of(*groups: list[tuple[int, int]]) -> RiskTable:
    rows = [(number, time, ending) for number, group in enumerate(groups) for time, ending in group]
    group, time, ending = (np.array(column, dtype=np.int64) for column in zip(*rows, strict=True))
    return risk_table(group, time, ending, np.ones_like(time), len(groups), 13)


def test_kaplan_meier_of_the_worked_cohort() -> None:
    # Competing ends taken as censored: S(12) = 0.617143 with (0.206794, 0.862594), worked by hand.
    curve = kaplan_meier(table_of([(time, CENSORED if ending == COMPETING else ending) for time, ending in COHORT]))
    assert (curve.survival[0, 12], curve.survival_low[0, 12], curve.survival_high[0, 12]) == pytest.approx(
        (0.6171428571, 0.2067942288, 0.8625936482), rel=1e-8
    )
    assert curve.incidence[0, 12] == pytest.approx(0.3828571429, rel=1e-8)


def test_aalen_johansen_of_the_worked_cohort() -> None:
    # F = 0.1, 0.2125 and 0.3475 at 3, 6 and 12 months; 0.405 still in play.
    curve = aalen_johansen(table_of(COHORT))
    assert curve.incidence[0, [3, 6, 12]] == pytest.approx([0.1, 0.2125, 0.3475], **TIGHT)
    assert curve.survival[0, 12] == pytest.approx(0.405, **TIGHT)
    assert curve.incidence_se[0, 12] == pytest.approx(0.1653703231, rel=1e-8)
    assert (curve.incidence_low[0, 12], curve.incidence_high[0, 12]) == pytest.approx((0.0777314407, 0.6457401817), rel=1e-8)


def test_ties_are_counted_by_rule_and_not_by_chance() -> None:
    curve = aalen_johansen(table_of(TIED))
    assert (curve.incidence[0, -1], curve.survival[0, -1]) == pytest.approx((0.5, 0.3), **TIGHT)


@settings(deadline=None)
@given(people)
def test_kaplan_meier_agrees_with_lifelines_and_statsmodels(group: list[tuple[int, int]]) -> None:
    curve = kaplan_meier(table_of([(time, CENSORED if ending == COMPETING else ending) for time, ending in group]))
    times, observed = np.array([time for time, _ in group]), np.array([ending == EVENT for _, ending in group])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fitted = KaplanMeierFitter().fit(times, observed, timeline=range(13))
    last = int(times.max())  # beyond the last time at risk nobody says anything
    assert curve.survival[0, : last + 1] == pytest.approx(fitted.survival_function_.to_numpy()[: last + 1, 0], **TIGHT)
    inside = (curve.survival[0] > 0) & (curve.survival[0] < 1)
    assert curve.survival_low[0, inside] == pytest.approx(fitted.confidence_interval_.to_numpy()[inside, 0], **TIGHT)
    assert curve.survival_high[0, inside] == pytest.approx(fitted.confidence_interval_.to_numpy()[inside, 1], **TIGHT)
    if observed.any():
        other = SurvfuncRight(times, observed.astype(int))
        assert curve.survival[0, other.surv_times.astype(int)] == pytest.approx(other.surv_prob, **TIGHT)


@settings(deadline=None)
@given(people)
def test_aalen_johansen_agrees_with_statsmodels_and_scikit_survival(group: list[tuple[int, int]]) -> None:
    times, endings = np.array([time for time, _ in group]), np.array([ending for _, ending in group])
    assume((endings == EVENT).any())
    curve = aalen_johansen(table_of(group))
    status = np.select([endings == EVENT, endings == COMPETING], [1, 2], 0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        other = CumIncidenceRight(times, status)
    at = other.times.astype(int)
    assert curve.incidence[0, at] == pytest.approx(other.cinc[0], **TIGHT)
    # Where everybody left ends at once statsmodels divides by nought; there only the estimate is compared.
    known = np.isfinite(other.cinc_se[0]) & (curve.survival[0, at] > 0)
    assert curve.incidence_se[0, at][known] == pytest.approx(other.cinc_se[0][known], rel=1e-7, abs=1e-9)
    if (times > 0).all() and {1, 2} <= set(status):
        x, incidences = cumulative_incidence_competing_risks(status, times)
        assert curve.incidence[0, x.astype(int)] == pytest.approx(incidences[1], **TIGHT)


@given(people)
def test_without_competing_ends_the_two_methods_are_one(group: list[tuple[int, int]]) -> None:
    table = table_of([(time, CENSORED if ending == COMPETING else ending) for time, ending in group])
    assert aalen_johansen(table).incidence == pytest.approx(kaplan_meier(table).incidence, **TIGHT)


@given(st.lists(people, min_size=2, max_size=5))
def test_a_group_does_not_see_its_neighbours(groups: list[list[tuple[int, int]]]) -> None:
    together = aalen_johansen(table_of(*groups))
    for number, group in enumerate(groups):
        alone = aalen_johansen(table_of(group))
        for name in Curve.__dataclass_fields__:
            assert getattr(together, name)[number] == pytest.approx(getattr(alone, name)[0], nan_ok=True, **TIGHT)


@given(people)
def test_effect_other_ends_and_being_in_play_are_together_everybody(group: list[tuple[int, int]]) -> None:
    swapped = {EVENT: COMPETING, COMPETING: EVENT, CENSORED: CENSORED}
    curve, other = aalen_johansen(table_of(group)), aalen_johansen(table_of([(time, swapped[ending]) for time, ending in group]))
    assert curve.incidence + other.incidence + curve.survival == pytest.approx(np.ones((1, 13)), **TIGHT)
    assert (np.diff(curve.incidence[0]) >= 0).all()


def test_when_all_have_the_effect_rounding_leaves_exactly_one_and_no_limits() -> None:
    group = [(0, EVENT)] * 4 + [(1, EVENT)] * 4 + [(2, EVENT)] * 2
    curve = aalen_johansen(table_of(group))
    assert curve.incidence[0, -1] == 1.0
    assert np.isnan(curve.incidence_low[0, -1])


def test_one_subject_and_a_group_of_nobody() -> None:
    curve = aalen_johansen(risk_table(*(np.array([v]) for v in (1, 3, EVENT, 1)), 2, 5))
    assert curve.incidence.tolist() == [[0.0] * 5, [0.0, 0.0, 0.0, 1.0, 1.0]]
    assert np.isnan(curve.incidence_low).all()
