"""The table `comparison`: one side of records against another, by every method asked for, with what the difference costs.

Which level of evidence a row has follows from its design and method and is never higher (models.catalogue.Comparison.evidence_of).
"""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import duckdb
import numpy as np
from numpy.typing import NDArray

from models.catalogue import TRANSLATED_KINDS, Break, Catalogue, Comparison
from outcomes.differences import ADJUSTED_METHODS, Difference, difference_in_means, difference_in_shares, paired_difference
from outcomes.rollout import NEVER, Cells, compared, difference_in_differences
from outcomes.selection import Measured, expected_without_effect
from pipelines import dimensions
from pipelines.comparison_cost import Booked, booked_cost, cost_columns
from pipelines.comparison_rows import Row, difference_columns, joined, number, side_columns, side_name
from pipelines.contrast import ACHIEVED, ALL, BOTH, CONTROL, MISSED, PENDING, TREATED, Asked, Contrast, population_of, read_contrast
from pipelines.contrast_sides import SideFigures, mean_side, rollout_side, share_side
from pipelines.disclosure import OFF, is_small
from pipelines.sql_texts import sql

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]

FEW_UNITS = 10
"""Below this many units, limits that rest on differences between units are too narrow or too wide by chance, and the row says so."""
ROLLOUT_GRID = "month"
"""Periods of a roll-out in a municipality whose cohorts have none."""


@dataclass(frozen=True)
class Setting:
    """What holds for all rows of one build."""

    as_of: dt.date
    grid: str
    meeting_grid: str
    k: int
    currency: str
    price_year: int | None


def make_comparisons(connection: duckdb.DuckDBPyConnection, catalogue: Catalogue, setting: Setting) -> None:
    """Fill `comparison`. Needs `record`, `indicator`, `placement`, `placement_unit`, `cost_meeting`, `hidden_cell` and the table itself."""
    ends = dict(connection.execute("SELECT position, follow_end FROM indicator").fetchall())
    rows: list[Row] = []
    for position, (task, indicator) in enumerate(catalogue.indicators()):
        for comparison in task.comparisons if indicator.kind in TRANSLATED_KINDS else ():
            if indicator.id in comparison.indicators:
                grid = ROLLOUT_GRID if setting.grid == ALL else setting.grid
                asked = Asked(comparison, position, ends[position], grid, setting.as_of)
                rows += _Comparer(connection, setting, asked, task.id, indicator, catalogue.breaks_of(task, indicator)).rows()
    rows.sort(
        key=lambda row: (row["comparison_id"], row["indicator_id"], row["indicator_version"], row["cohort"], row["measure"], row["method"])
    )
    dimensions.fill(connection, "comparison", rows)


class _Comparer:
    """One comparison of one indicator."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        setting: Setting,
        asked: Asked,
        core_task: str,
        indicator: Any,
        breaks: tuple[Break, ...],
    ) -> None:
        self.breaks = breaks
        self.connection, self.setting, self.asked, self.core_task, self.indicator = connection, setting, asked, core_task, indicator
        self.comparison: Comparison = asked.comparison
        self.k = setting.k
        self.contrast = read_contrast(connection, asked)
        self.population = population_of(connection, asked)

    def rows(self) -> list[Row]:
        """Every row: cohort x method."""
        if self.comparison.design == "roll_out":
            return [self._rollout_row(method, measure) for measure, methods in self._methods() for method in methods]
        found: list[Row] = []
        for start in self._cohorts():
            part = self.contrast if start is None else self.contrast.only(self.contrast.period == np.datetime64(start))
            if self.comparison.is_paired:
                found += [self._paired_row(part, start, method) for method in self.comparison.mean_methods]
                continue
            found += [self._share_row(part, start, method) for method in self.comparison.share_methods]
            found += [self._mean_row(part, start, method) for method in self.comparison.mean_methods]
        return found

    def _methods(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        yield "share", self.comparison.share_methods
        yield "mean", self.comparison.mean_methods

    def _cohorts(self) -> list[dt.date | None]:
        """`all`, and each period where the catalogue asks for them."""
        if self.comparison.cohorts == "all" or self.setting.grid == ALL:
            return [None]
        sided = np.isin(self.contrast.side, (TREATED, CONTROL))
        return [None, *np.unique(self.contrast.period[sided]).tolist()]

    def _share_row(self, part: Contrast, start: dt.date | None, method: str) -> Row:
        sides = share_side(part, TREATED, self.k), share_side(part, CONTROL, self.k)
        treated, control = ((side.achieved or 0, side.counted) for side in sides)
        return self._row(part, start, "share", method, sides, difference_in_shares(method, treated, control))

    def _mean_row(self, part: Contrast, start: dt.date | None, method: str) -> Row:
        adjusted = method in ADJUSTED_METHODS
        used = part.is_ready & np.isfinite(part.value) & (np.isfinite(part.covariates).all(axis=1) | (not adjusted))
        sides = mean_side(part, TREATED, self.k, used, part.value), mean_side(part, CONTROL, self.k, used, part.value)
        treated, control = ((part.side == side) & used for side in (TREATED, CONTROL))
        covariates = np.concatenate([part.covariates[treated], part.covariates[control]]) if adjusted else None
        found = difference_in_means(method, part.value[treated], part.value[control], covariates)
        return self._row(part, start, "mean", method, sides, found)

    def _paired_row(self, part: Contrast, start: dt.date | None, method: str) -> Row:
        used = part.is_ready & np.isfinite(part.value) & np.isfinite(part.before) & self._beyond_the_bar(part.before)
        after, before = (mean_side(part, TREATED, self.k, used, values) for values in (part.value, part.before))
        chosen = (part.side == TREATED) & used
        found = paired_difference(part.value[chosen], part.before[chosen])
        return self._row(part, start, "mean", method, (after, before), found) | self._selection(found, (after, before))

    def _beyond_the_bar(self, before: Floats) -> Bools:
        """Who was chosen: everybody where the catalogue names no bar."""
        selection = self.comparison.regression_to_the_mean
        if selection is None:
            return np.ones(len(before), dtype=bool)
        return before > selection.above if selection.above is not None else before < (selection.below or 0.0)

    def _selection(self, found: Difference | None, sides: tuple[SideFigures, SideFigures]) -> Row:
        """What those chosen by the bar would come to with no effect at all, beside what they came to."""
        selection, population = self.comparison.regression_to_the_mean, self.population
        if selection is None or found is None or any(side.hidden for side in sides):
            return {}
        if population is None or _is_thin(population, self.k):
            return {
                "selection_source": "estimated",
                "selection_reason": "too few were measured twice before to tell how far scores move back by themselves",
            }
        side, bar = ("above", selection.above) if selection.above is not None else ("below", selection.below)
        expected = expected_without_effect(bar or 0.0, side, population)  # type: ignore[arg-type]
        return {
            "expected_change": expected.change, "expected_before": expected.before, "expected_after": expected.after,
            "beyond_expected": found.estimate - expected.change, "beyond_expected_low": number(found.low - expected.change),
            "beyond_expected_high": number(found.high - expected.change),
            "population_mean": population.mean, "population_deviation": population.deviation,
            "population_correlation": population.correlation,
            "population_persons": population.persons, "selection_source": "stated" if selection.is_stated else "estimated",
            "selection_reason": f"chosen {side} {bar:g}: their mean moves back by itself, as far as expected_change says",
        }  # fmt: skip

    def _rollout_row(self, method: str, measure: str) -> Row:
        part, left_out = self._whole_periods(measure)
        cells, of_cell = _cells_of(part, self._answer(part, measure))
        used = compared(cells) if method == "stacked" else np.ones(len(cells.unit), dtype=bool)
        in_use = used[of_cell] if len(of_cell) else np.zeros(0, dtype=bool)
        sides = rollout_side(part, TREATED, self.k, in_use), rollout_side(part, CONTROL, self.k, in_use)
        found = difference_in_differences(method, cells)
        row = self._row(part, None, measure, method, sides, found)
        if left_out and row["state"] == "final":
            row["reason"] = joined(row["reason"], "periods in which somebody's answer is not known yet are left out")
        return row

    def _whole_periods(self, measure: str) -> tuple[Contrast, bool]:
        """Records of both sides with an answer, in periods in which nobody's is outstanding."""
        sided = self.contrast.only(np.isin(self.contrast.side, (TREATED, CONTROL)))
        waits = sided.outcome == PENDING if measure == "share" else ~sided.is_ready
        open_periods = np.unique(sided.period[waits])
        answered = np.isin(sided.outcome, (ACHIEVED, MISSED)) if measure == "share" else np.isfinite(sided.value)
        return sided.only(~np.isin(sided.period, open_periods) & answered), len(open_periods) > 0

    @staticmethod
    def _answer(part: Contrast, measure: str) -> Floats:
        return (part.outcome == ACHIEVED).astype(np.float64) if measure == "share" else part.value

    def _row(
        self,
        part: Contrast,
        start: dt.date | None,
        measure: str,
        method: str,
        sides: tuple[SideFigures, SideFigures],
        found: Difference | None,
    ) -> Row:
        hidden = any(side.hidden for side in sides)
        difference = None if hidden else found
        tells = not hidden and self._tells_a_hidden_unit(start)
        # Who has a value that an event states is counted nowhere else; records, effects and the record's own values are, by unit.
        would_tell = tells and (measure == "share" or self.comparison.value is None)
        sides = tuple(replace(side, hides_size=side.hides_size or tells) for side in sides)  # type: ignore[assignment]
        row = self._names(start, measure, method)
        for name, side in zip(("treated", "control"), sides, strict=True):
            row |= side_columns(name, side, hidden=hidden, would_tell=would_tell)
        row |= difference_columns(difference)
        row |= {} if hidden else self._cost(difference, sides, start, would_tell=would_tell)
        return row | self._verdict(part, start, sides, found, hidden=hidden, would_tell=would_tell)

    def _names(self, start: dt.date | None, measure: str, method: str) -> Row:
        comparison = self.comparison
        cohort, end = self.connection.execute(
            "SELECT period_label($start::DATE, $grid), period_end($start::DATE, $grid)",
            {"start": start, "grid": self.setting.grid if start else ALL},
        ).fetchall()[0]
        shown = comparison.value_name if measure == "mean" and comparison.value_name else self.indicator.effect.unit
        return {
            "comparison_id": comparison.id, "core_task_id": self.core_task, "indicator_id": self.indicator.id,
            "indicator_version": self.indicator.version, "cohort": cohort, "cohort_start": start, "cohort_end": end,
            "name": comparison.name.da, "name_en": comparison.name.en, "design": comparison.design, "randomised": comparison.randomised,
            "measure": measure, "measured": shown.da, "measured_en": shown.en, "method": method,
            "treated": side_name(comparison, "treated"), "control": side_name(comparison, "control"),
            "evidence_level": comparison.evidence_of(method),
        }  # fmt: skip

    def _cost(self, found: Difference | None, sides: tuple[SideFigures, SideFigures], start: dt.date | None, *, would_tell: bool) -> Row:
        cost = self.comparison.cost
        if cost is None:
            return {}
        from_ledger = "ledger" in (cost.treated, cost.control)
        grid = self.setting.meeting_grid if start else ALL
        booked = booked_cost(self.connection, self.core_task, grid, start) if from_ledger else Booked({})
        better = -1.0 if self.indicator.direction == "down" else 1.0
        hide = would_tell or any(side.hides_size for side in sides)
        row = {"currency": self.setting.currency, "price_year": self.setting.price_year if from_ledger else None}
        return row | cost_columns(cost, sides, booked, found, better=better, hide=hide)

    def _tells_a_hidden_unit(self, start: dt.date | None) -> bool:
        """Whether a side's total, less what is published of its units, would tell what is hidden of one of them."""
        if self.k <= OFF:
            return False
        values = {
            "indicator_id": self.indicator.id, "version": self.indicator.version, "start": start,
            "grid": self.setting.grid if start else ALL,
            "any_cohort": self.comparison.change is not None,
        }  # fmt: skip
        return bool(self.connection.execute(sql("mart_contrast_hidden"), values).fetchall()[0][0])

    def _verdict(
        self,
        part: Contrast,
        start: dt.date | None,
        sides: tuple[SideFigures, SideFigures],
        found: Difference | None,
        *,
        hidden: bool,
        would_tell: bool,
    ) -> Row:
        """State, reason and breaks of a row."""
        empty = [name for name, side in zip(("treated", "control"), sides, strict=True) if not side.counted]
        straddled = self._straddled(part, start)
        pending = self.comparison.design != "roll_out" and any(side.pending for side in sides)
        said = [
            f"fewer than {self.k} persons behind a side or an outcome of it, or the same for everybody" if hidden else None,
            f"nobody counts on the {' or the '.join(empty)} side" if empty and not hidden else None,
            "no unit has records before and after the change while another had not changed yet"
            if found is None and not empty and self.comparison.design == "roll_out"
            else None,
            "nothing can be told apart" if found is None and not empty and self.comparison.design != "roll_out" else None,
            "part of the records are not mature yet" if pending and not hidden else None,
            f"some counts below {self.k} are hidden, or would tell those of a hidden unit"
            if would_tell or any(side.hides_size for side in sides)
            else None,
            *self._remarks(part, sides, found),
            f"a break lies between the index days compared: {', '.join(f'{one.on} ({one.why.en})' for one in straddled)}"
            if straddled
            else None,
        ]
        state = "suppressed" if hidden else "missing" if found is None else "immature" if pending else "final"
        return {"state": state, "reason": joined(*said), "breaks": ", ".join(str(one.on) for one in straddled) or None}

    def _remarks(self, part: Contrast, sides: tuple[SideFigures, SideFigures], found: Difference | None) -> Iterator[str | None]:
        comparison = self.comparison
        if comparison.design == "before_after":
            yield "before and after, with nobody beside: what changed meanwhile is in it too"
        if comparison.design == "roll_out" and found is not None:
            yield f"limits rest on {len(np.unique(part.unit))} units" if len(np.unique(part.unit)) < FEW_UNITS else None
            yield "no limits: units do not differ enough to tell" if not np.isfinite(found.low) else None
        if any(side and _settled_later(side) for side in (comparison.treated, comparison.control)):
            yield "who took part was settled after the index: whoever had the effect at once could not"
        if (part.side == BOTH).any():
            yield "records that fit both sides count on neither"
        if any(side.persons < side.records for side in sides):
            yield "some persons count several times; limits take records as independent"

    def _straddled(self, part: Contrast, start: dt.date | None) -> list[Any]:
        days = part.index_on[np.isin(part.side, (TREATED, CONTROL))]
        if not len(days):
            return []
        first, last = days.min().astype(object), days.max().astype(object)
        return [one for one in self.breaks if first < one.on <= last]


def _cells_of(part: Contrast, answer: Floats) -> tuple[Cells, NDArray[np.int64]]:
    """Records counted by unit, period and side; and the cell of each record."""
    if not len(part.side):
        nothing = np.zeros(0, dtype=np.int64)
        return Cells(nothing, nothing, nothing, nothing.astype(bool), answer, answer), nothing
    changed = np.where(np.isnat(part.changed), NEVER, part.changed.astype("datetime64[D]").astype(np.int64))
    keys = np.column_stack([part.unit, part.period.astype("datetime64[D]").astype(np.int64), part.side == TREATED, changed])
    cells, of_cell = np.unique(keys, axis=0, return_inverse=True)
    of_cell = of_cell.reshape(-1)
    count = np.bincount(of_cell).astype(np.float64)
    mean = np.bincount(of_cell, weights=answer) / count
    return Cells(cells[:, 0], cells[:, 1], cells[:, 3], cells[:, 2].astype(bool), count, mean), of_cell


def _settled_later(side: Any) -> bool:
    return bool(side.with_event) and side.window.end.nominal_days > 0


def _is_thin(population: Measured, k: int) -> bool:
    return population.persons is not None and is_small(population.persons, k)
