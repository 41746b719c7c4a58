"""The curve page: how soon the effect shows in one unit and cohort, beside everybody, with the numbers still followed."""

from collections.abc import Sequence
from typing import Any

from markupsafe import Markup

from dashboard import charts
from dashboard.charts import CurvePoint
from dashboard.directory import ALL_UNITS, Indicator
from dashboard.queries import Row
from dashboard.views import View, cohorts_in

COUNTED = ("events", "competing", "censored")
"""Counts of what happened at each time; a small one is hidden, and so is a sum that it is part of."""
TABLE_STEPS = 14
"""About how many points of the curve the table shows; the file has them all."""


def time_to_effect(view: View, indicator: Indicator) -> dict[str, Any]:
    """The chosen curve, its chart and a table of its main points."""
    choices = view.rows("curve_choices", indicator_id=indicator.id, version=indicator.version)
    units = sorted({row["unit_id"] for row in choices}, key=lambda unit: (unit != ALL_UNITS, view.words.unit(unit).casefold()))
    unit = view.chosen("unit", units, ALL_UNITS if ALL_UNITS in units else (units[0] if units else ALL_UNITS))
    cohorts = cohorts_in([row for row in choices if row["unit_id"] == unit])
    cohort = view.chosen("cohort", cohorts, cohorts[0] if cohorts else "all")
    rows = _curve(view, indicator, unit, cohort)
    shown = main_points(rows)
    everybody = [] if unit == ALL_UNITS else _curve(view, indicator, ALL_UNITS, cohort)
    unit_of_time = view.words.maybe("time", (rows[0]["time_unit"] if rows else indicator.time_unit) or "day")
    return {
        "units": units,
        "unit": unit,
        "cohorts": cohorts,
        "cohort": cohort,
        "unit_of_time": unit_of_time,
        "rows": shown,
        "counted": [name for name in COUNTED if any(row[name] is not None for row in shown)],
        "reasons": view.words.reasons(rows),
        "method": next((row["method"] for row in rows if row.get("method")), None),
        "chart": _chart(view, rows, everybody, unit, unit_of_time),
        "compared": bool(everybody),
    }


def _curve(view: View, indicator: Indicator, unit: str, cohort: str) -> list[Row]:
    return view.rows("curve", indicator_id=indicator.id, version=indicator.version, unit_id=unit, cohort=cohort)


def main_points(rows: Sequence[Row]) -> list[Row]:
    """About `TABLE_STEPS` rows spread over the curve, first and last among them, each with what happened since the row before."""
    last = len(rows) - 1
    stride = max(1, -(-last // (TABLE_STEPS - 1)))
    places = sorted({*range(0, last + 1, stride), last}) if rows else []
    shown: list[Row] = []
    for before, place in zip([-1, *places], places, strict=False):
        since = rows[before + 1 : place + 1]
        sums = {name: _sum(since, name) for name in COUNTED}
        hidden = ",".join(name for name, n in sums.items() if n is None and rows[place].get("incidence") is not None)
        shown.append({**rows[place], **sums, "hidden": hidden})
    return shown


def _sum(rows: Sequence[Row], column: str) -> int | None:
    values = [row[column] for row in rows]
    return None if None in values else sum(values)


def _points(rows: Sequence[Row]) -> list[CurvePoint]:
    return [
        CurvePoint(row["time"], row["incidence"], row.get("incidence_low"), row.get("incidence_high"), row.get("at_risk"))
        for row in rows
        if row.get("incidence") is not None
    ]


def _chart(view: View, rows: Sequence[Row], everybody: Sequence[Row], unit: str, unit_of_time: str) -> Markup | None:
    words, points = view.words, _points(rows)
    if len(points) < 2:
        return None
    description = words.t(
        "time.chart.desc",
        unit=words.unit(unit),
        last=words.percent(points[-1].share),
        time=words.number(points[-1].time),
        time_unit=unit_of_time,
    )
    specifications = {
        shape: charts.curve(
            points,
            _points(everybody),
            time_title=words.t("time.axis.time", time_unit=unit_of_time),
            share_title=words.t("time.axis.share"),
            at_risk_title=words.t("time.at_risk"),
            narrow=shape == "narrow",
        )
        for shape in ("wide", "narrow")
    }
    return view.chart("curve", words.t("time.chart.title"), description, specifications)
