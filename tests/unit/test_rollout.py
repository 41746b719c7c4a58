"""Difference in differences over a stepped roll-out, held against statsmodels record by record."""

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st

from outcomes.rollout import NEVER, Cells, compared, difference_in_differences

Record = tuple[int, int, bool, float]


def cells_of(records: list[Record], changed_in: dict[int, int]) -> Cells:
    """Records (unit, period, treated, outcome) counted into cells."""
    keys = sorted({record[:3] for record in records})
    members = [[outcome for *key, outcome in records if tuple(key) == wanted] for wanted in keys]
    unit, period, treated = (np.array(side) for side in zip(*keys, strict=True))
    return Cells(
        unit.astype(np.int64), period.astype(np.int64), np.array([changed_in[u] for u in unit], dtype=np.int64), treated.astype(bool),
        np.array([len(one) for one in members], dtype=float), np.array([np.mean(one) for one in members]),
    )  # fmt: skip


def by_statsmodels(records: list[Record], changed_in: dict[int, int], method: str) -> tuple[float, float, float]:
    """The same regression with a row per record and a column per unit and period effect."""
    rows: list[tuple[int, int, int, bool, float]] = []
    if method == "two_way":
        rows = [(0, *record) for record in records]
    else:
        for change in sorted(set(changed_in.values()) - {int(NEVER)}):
            own = [record for record in records if changed_in[record[0]] == change]
            beside = [record for record in records if changed_in[record[0]] > change and not record[2]]
            if {record[2] for record in own} == {True, False} and {r[1] for r in own if r[2]} & {r[1] for r in beside}:
                rows += [(change, *record) for record in own + beside]
    columns = [np.array([row[3] for row in rows], dtype=float)]
    for place in (1, 2):
        names = sorted({(row[0], row[place]) for row in rows})
        columns += [np.array([(row[0], row[place]) == name for row in rows], dtype=float) for name in names]
    # statsmodels counts columns, not dimensions: only such as are independent of those before them go in.
    kept: list[np.ndarray] = []
    for column in columns:
        if np.linalg.matrix_rank(np.column_stack([*kept, column])) > len(kept):
            kept.append(column)
    fit = sm.OLS([row[4] for row in rows], np.column_stack(kept)).fit(
        cov_type="cluster", cov_kwds={"groups": np.array([row[1] for row in rows])}, use_t=True
    )
    low, high = fit.conf_int()[0]
    return float(fit.params[0]), float(low), float(high)


@st.composite
def rollouts(draw: st.DrawFn) -> tuple[list[Record], dict[int, int]]:
    units, periods = draw(st.integers(3, 6)), draw(st.integers(3, 6))
    changed_in = {unit: draw(st.sampled_from([1, 2, 3, int(NEVER)])) for unit in range(units)}
    records: list[Record] = []
    for unit in range(units):
        for period in range(periods):
            halves = [False, True] if period == changed_in[unit] and draw(st.booleans()) else [period >= changed_in[unit]]
            records += [(unit, period, half, float(draw(st.integers(0, 1)))) for half in halves for _ in range(draw(st.integers(0, 4)))]
    return records, changed_in


@given(rollouts())
@settings(max_examples=60, deadline=None)
@pytest.mark.filterwarnings("ignore")
def test_both_methods_agree_with_statsmodels(case: tuple[list[Record], dict[int, int]]) -> None:
    records, changed_in = case
    if not records:
        return
    cells = cells_of(records, changed_in)
    for method in ("two_way", "stacked"):
        found = difference_in_differences(method, cells)
        if found is None or not np.isfinite(found.low):
            continue
        assert (found.estimate, found.low, found.high) == pytest.approx(by_statsmodels(records, changed_in, method), rel=1e-6, abs=1e-8)


def test_units_that_have_not_changed_yet_are_the_control() -> None:
    # Both start at 1; all rise by 1 a period; the change adds 5. Before and after alone would say 6 or more.
    changed_in = {0: 2, 1: 3, 2: int(NEVER)}
    records = [
        (unit, period, period >= changed_in[unit], 1.0 + period + 5 * (period >= changed_in[unit]))
        for unit in range(3)
        for period in range(4)
    ]
    for method in ("two_way", "stacked"):
        found = difference_in_differences(method, cells_of(records, changed_in))
        assert found is not None
        assert found.estimate == pytest.approx(5)


def test_growing_effects_mislead_the_two_way_method_and_not_the_stacked_one() -> None:
    # The effect is 1 in the first period after the change, 2 in the next, ...; unit 0 changes in period 1, unit 1 in period 3.
    changed_in = {0: 1, 1: 3}
    records = [
        (unit, period, period >= changed_in[unit], float(max(0, period - changed_in[unit] + 1))) for unit in (0, 1) for period in range(6)
    ]
    cells = cells_of(records, changed_in)
    stacked, two_way = (difference_in_differences(method, cells) for method in ("stacked", "two_way"))
    assert stacked is not None
    assert two_way is not None
    assert stacked.estimate == pytest.approx(1.5)  # periods 1 and 2 of unit 0, while unit 1 had not changed
    assert two_way.estimate < 0.5


def test_without_anybody_to_compare_with_there_is_no_estimate() -> None:
    everybody_at_once = {0: 2, 1: 2}
    records = [(unit, period, period >= 2, float(unit + period)) for unit in (0, 1) for period in range(4)]
    cells = cells_of(records, everybody_at_once)
    assert difference_in_differences("stacked", cells) is None
    assert difference_in_differences("two_way", cells) is None
    assert not compared(cells).any()
