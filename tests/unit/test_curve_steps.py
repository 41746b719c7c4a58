"""What a curve tells, read as somebody would who wants to know of few: differences of all that stands in it, and what is left over."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from outcomes.survival import RiskTable
from pipelines.curve_steps import WAYS, tellable_steps

LEAVING = st.lists(st.tuples(*(st.integers(0, 7) for _ in WAYS)), min_size=1, max_size=12)


def life_table(leaving: list[tuple[int, ...]]) -> RiskTable:
    """One cell."""
    ways = np.array(leaving, dtype=np.int64).T[:, None, :]
    at_risk = ways.sum(axis=0)[:, ::-1].cumsum(axis=1)[:, ::-1]
    return RiskTable(at_risk, *ways)


def told(table: RiskTable, k: int) -> list[dict[str, int]]:
    """Rows that are not hidden: their time and counts."""
    steps = tellable_steps(table, np.ones(len(table.at_risk), dtype=bool), k)
    return [
        {"time": int(steps.time[row])} | {name: int(values[row]) for name, values in steps.counts.items()}
        for row in np.flatnonzero(~steps.hidden)
    ]


@given(LEAVING, st.integers(2, 6))
def test_no_count_that_follows_from_a_curve_is_small(leaving: list[tuple[int, ...]], k: int) -> None:
    table = life_table(leaving)
    rows = told(table, k)
    left = {way: int(getattr(table, way).sum()) - sum(row[way] for row in rows) for way in WAYS}
    small = [n for row in [*rows, *([left] if rows else [])] for n in (row[way] for way in WAYS) if 0 < n < k]
    assert small == []
    assert all(before["at_risk"] - sum(before[way] for way in WAYS) == row["at_risk"] for before, row in pairwise(rows))
    assert all(table.at_risk[0, row["time"]] >= k for row in rows)


@given(LEAVING)
def test_with_k_of_one_every_time_is_told_as_it_is(leaving: list[tuple[int, ...]]) -> None:
    table = life_table(leaving)
    rows = told(table, 1)
    at_risk = [time for time in range(len(leaving)) if table.at_risk[0, time]]
    assert [row["time"] for row in rows] == at_risk
    assert [tuple(row[way] for way in WAYS) for row in rows] == [leaving[time] for time in at_risk]
    assert [row["at_risk"] for row in rows] == [table.at_risk[0, time] for time in at_risk]


@given(st.lists(LEAVING, min_size=2, max_size=4), st.integers(1, 6))
def test_cells_are_told_each_for_itself(cells: list[list[tuple[int, ...]]], k: int) -> None:
    times = max(map(len, cells))
    tables = [life_table([*cell, *[(0, 0, 0)] * (times - len(cell))]) for cell in cells]
    together = RiskTable(*(np.concatenate([getattr(table, name) for table in tables]) for name in ("at_risk", *WAYS)))
    assert told(together, k) == [row for table in tables for row in told(table, k)]


def test_one_row_says_where_the_telling_ends_and_one_that_it_does_not_begin() -> None:
    table = RiskTable(
        *(
            np.concatenate(both)
            for both in zip(*map(_arrays, ([(0, 0, 0), (0, 0, 0), (2, 0, 0)], [(2, 0, 0), (9, 0, 9), (0, 0, 0)])), strict=True)
        )
    )
    steps = tellable_steps(table, np.ones(2, dtype=bool), 5)
    rows = list(zip(steps.cell.tolist(), steps.time.tolist(), steps.hidden.tolist(), strict=True))
    assert rows == [(0, 0, True), (1, 0, True), (1, 1, False)]


def test_of_a_curve_that_is_not_wanted_there_is_the_row_of_time_0() -> None:
    steps = tellable_steps(life_table([(0, 0, 0), (9, 0, 9)]), np.zeros(1, dtype=bool), 5)
    assert (steps.time.tolist(), steps.hidden.tolist()) == ([0], [True])


def _arrays(leaving: list[tuple[int, ...]]) -> tuple[np.ndarray, ...]:
    table = life_table(leaving)
    return tuple(getattr(table, name) for name in ("at_risk", *WAYS))


@pytest.mark.parametrize("k", [2, 5])
def test_a_curve_of_nobody_has_no_row(k: int) -> None:
    assert tellable_steps(life_table([(0, 0, 0)]), np.ones(1, dtype=bool), k).time.tolist() == []
