"""Shares of one effect: they add up exactly, and Shapley's value is the one of the hand-book."""

from fractions import Fraction
from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from outcomes.attribution import MOST_UNITS, PARTS, largest_remainder, shapley, shapley_stakes, whole_parts

VALUES = {"A": "0.20", "B": "0.10", "C": "0", "AB": "0.36", "AC": "0.25", "BC": "0.12", "ABC": "0.45"}
OBSERVED = {frozenset(units): Fraction(value) for units, value in VALUES.items()}

fractions = st.fractions(min_value=0, max_value=1, max_denominator=1000)


def test_shapley_of_the_hand_book() -> None:
    found = shapley("ABC", OBSERVED)
    assert {unit: float(part) for unit, part in found.items()} == pytest.approx({"A": 0.2616666667, "B": 0.1466666667, "C": 0.0416666667})
    assert sum(found.values()) == Fraction("0.45")


@settings(max_examples=60, deadline=None)
@given(st.lists(fractions, min_size=15, max_size=15))
def test_shapley_is_the_average_over_all_orders(values: list[Fraction]) -> None:
    members = "ABCD"
    subsets = [frozenset(u for i, u in enumerate(members) if mask >> i & 1) for mask in range(1, 16)]
    value = dict(zip(subsets, values, strict=True)) | {frozenset(): Fraction(0)}
    slow = dict.fromkeys(members, Fraction(0))
    for order in permutations(members):
        for place, unit in enumerate(order):
            slow[unit] += (value[frozenset(order[: place + 1])] - value[frozenset(order[:place])]) / 24
    assert shapley(members, value) == slow
    assert sum(slow.values()) == value[frozenset(members)]


@settings(max_examples=200, deadline=None)
@given(
    st.dictionaries(st.text("abcdef", min_size=1, max_size=4), fractions, min_size=1, max_size=12).filter(lambda s: any(s.values())),
    st.integers(0, PARTS),
)
def test_parts_add_up_exactly_and_each_is_within_one_of_its_due(stakes: dict[str, Fraction], whole: int) -> None:
    parts = largest_remainder(stakes, whole)
    assert sum(parts.values()) == whole
    for name, stake in stakes.items():
        assert abs(parts[name] - whole * stake / sum(stakes.values())) < 1


def test_equal_shares_of_up_to_sixteen_units_and_plain_decimals_are_whole() -> None:
    assert all(PARTS % m == 0 for m in range(1, 17))
    assert whole_parts(Fraction("0.25")) * 4 == PARTS


@pytest.mark.parametrize("stakes", [{"A": Fraction(0)}, {"A": Fraction(2), "B": Fraction(-1)}])
def test_stakes_that_share_nothing_are_refused(stakes: dict[str, Fraction]) -> None:
    with pytest.raises(ValueError, match="must not be negative"):
        largest_remainder(stakes, PARTS)


def test_without_a_smaller_combination_there_is_no_shapley() -> None:
    assert shapley_stakes("ABC", {key: value for key, value in OBSERVED.items() if key != frozenset("BC")}) is None
    assert shapley_stakes("AB", OBSERVED) == {"A": Fraction("0.23"), "B": Fraction("0.13")}


def test_a_unit_that_effects_come_less_often_with_has_no_part() -> None:
    value = {frozenset("A"): Fraction(1, 2), frozenset("B"): Fraction(0), frozenset("AB"): Fraction(1, 5)}
    assert shapley_stakes("AB", value) == {"A": Fraction(7, 20), "B": Fraction(0)}


def test_nothing_achieved_and_too_many_units_leave_nothing_to_go_by() -> None:
    assert shapley_stakes("A", {frozenset("A"): Fraction(0)}) is None
    many = [f"u{number}" for number in range(MOST_UNITS + 1)]
    assert shapley_stakes(many, {}) is None
