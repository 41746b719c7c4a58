"""Exchanges between leaves further apart: what makes a hidden count safe without hiding more, and what does not."""

import numpy as np
import pytest

from pipelines import exchanges
from pipelines.exchanges import NOTHING, Cells, Needs, Pair, protect
from pipelines.trees import Numbers, Tree, add_up

A, B, A1, A2, B1, B2 = range(1, 7)
JANUARY, FEBRUARY, MARCH = range(1, 4)
UNITS = Tree([-1, 0, 0, A, A, B, B], range(7))
"""A municipality, two institutions, two teams in each."""

MONTHS = Tree([-1, 0, 0, 0], range(4))


def table(people: dict[tuple[int, int], int]) -> Cells:
    """One class of people in teams and months; all is hidden but the municipality and the year. Institutions have somebody in January."""
    counts: Numbers = np.zeros((1, 1, UNITS.size, MONTHS.size), dtype=np.int64)
    for (team, month), number in people.items():
        counts[0, 0, team, month] = number
    hidden = np.ones((1, UNITS.size, MONTHS.size), dtype=bool)
    hidden[:, 0], hidden[:, :, 0] = False, False
    least = np.zeros((1, UNITS.size, MONTHS.size), dtype=np.int64)
    least[:, [A, B], JANUARY] = 1
    return Cells(UNITS, MONTHS, exchanges.with_strangers(add_up(counts, UNITS, MONTHS), UNITS, MONTHS), hidden, least=least)


def more(by: int) -> Needs:
    """Team A1 must be able to have so many more in January, who come from elsewhere."""
    return need(A1, JANUARY, by, (0, NOTHING))


def need(unit: int, month: int, by: int, pair: Pair) -> Needs:
    """Of the only table: so many more of the first class, and so many fewer of the second."""
    return Needs(*(np.array([value]) for value in (0, unit, month, by)), (pair,))


def people(in_january: int) -> dict[tuple[int, int], int]:
    """Team A1 with some in every month, nobody beside it, and so many in each team of B in January."""
    return {(A1, month): 3 for month in (JANUARY, FEBRUARY, MARCH)} | {(team, JANUARY): in_january for team in (B1, B2)}


def test_exchanges_with_another_institution_are_seen_without_a_search(monkeypatch: pytest.MonkeyPatch) -> None:
    # One from B1 for one of A1's in February, one from B2 for one of A1's in March: B keeps two of four.
    monkeypatch.setattr(exchanges, "_Search", None)
    cells = table(people(in_january=2))
    before = cells.hidden.copy()
    assert protect(cells, [more(by=2)]) == []
    assert np.array_equal(cells.hidden, before)


def test_two_teams_cannot_both_give_what_their_institution_may_not_lose() -> None:
    # Either team of B could give its only one, but not both: B's row says that somebody is there. So the municipality is hidden instead.
    cells = table(people(in_january=1))
    assert protect(cells, [more(by=1)]) == []
    assert not cells.hidden[0, 0, JANUARY]
    assert protect(cells, [more(by=2)]) == []
    assert cells.hidden[0, 0, JANUARY]


@pytest.mark.parametrize(("month", "unmet"), [(FEBRUARY, 0), (JANUARY, 1)])
def test_two_teams_both_give_where_their_institution_may_be_left_with_nobody(month: int, unmet: int) -> None:
    # Each team of A has its only one to give, and A's row says only in January that somebody is there.
    cells = table({(team, month): 1 for team in (A1, A2)} | {(team, MARCH): 3 for team in (A1, A2, B1, B2)})
    assert len(protect(cells, [need(A, month, 2, (NOTHING, 0))])) == unmet


def test_the_few_months_with_an_effect_are_found_among_many_without() -> None:
    # Four effects in four of twelve months, each of which is one of the smallest: three of them must be able not to have been.
    months = Tree([-1, *[0] * 12], range(13))
    units = Tree([-1, 0, 0], range(3))
    counts: Numbers = np.zeros((1, 2, units.size, months.size), dtype=np.int64)
    counts[0, 1, 1:3, 1:13] = 20
    counts[0, :, 1, 9:13] = 1
    hidden = np.ones((1, units.size, months.size), dtype=bool)
    cells = Cells(units, months, exchanges.with_strangers(add_up(counts, units, months), units, months), hidden)
    assert protect(cells, [need(1, 0, 3, (1, 0))]) == []
