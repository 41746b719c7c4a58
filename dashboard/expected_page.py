"""The page "Expected and observed": each unit against what its citizens' case mix lets expect, as a funnel and in words."""

from collections.abc import Sequence
from typing import Any

from markupsafe import Markup

from dashboard import funnel_chart
from dashboard.directory import Indicator
from dashboard.queries import Row
from dashboard.views import View, cohorts_in, levels_in, usual_cohort, usual_level

Context = dict[str, Any]
PLAIN, WIDE = "plain", "wide"
"""Limits that chance alone gives, and those that allow for units differing more than by chance."""


def expected(view: View, found: Indicator) -> Context:
    """One indicator's units against what is expected of them, in the chosen cohort and by the chosen limits."""
    known = _asked(view, found, "funnel", "funnel_cohorts")
    cohorts = cohorts_in(known)
    cohort = view.chosen("cohort", cohorts, usual_cohort(known, "observed_over_expected"))
    rows = _asked(view, found, "funnel", "funnel_of_indicator", cohort=cohort)
    levels = levels_in(rows, view.directory)
    level = view.chosen("level", levels, usual_level(rows, view.directory))
    summary = next((row for row in _asked(view, found, "funnel_summary", "funnel_summaries") if row["cohort"] == cohort), None)
    shown = [row for row in rows if view.directory.level_of(row["unit_id"]) == level]
    choices = [PLAIN, WIDE] if any(row["wide_low_95"] is not None for row in shown) else [PLAIN]
    limits = view.chosen("limits", choices, choices[-1])
    shown.sort(key=lambda row: (_order(row, limits), -(row["observed_over_expected"] or 0.0), str(row["unit_id"])))
    return {
        "cohorts": cohorts,
        "levels": levels,
        "cohort": cohort,
        "level": level,
        "limits": limits,
        "limit_choices": choices,
        "rows": shown,
        "summary": summary,
        "verdict_column": verdict_column(limits),
        "chart": _chart(view, shown, limits),
        "reasons": view.words.reasons(shown, "long.no_reference"),
        "methods": _methods(view, shown),
    }


def verdict_column(limits: str) -> str:
    """The column whose verdict belongs to these limits."""
    return "verdict_code" if limits == WIDE else "verdict_unadjusted_code"


def _order(row: Row, limits: str) -> int:
    """What stands out first: alarms, alerts, the rest, and last what cannot be said."""
    code = row[verdict_column(limits)]
    return ("alarm_high", "alarm_low", "alert_high", "alert_low", "within", None).index(code)


def _asked(view: View, found: Indicator, table: str, question: str, **values: str) -> list[Row]:
    """The answer about this indicator; nothing where the publication has no such table."""
    if not found.computed or not view.snapshot.has(table):
        return []
    return view.rows(question, indicator_id=found.id, version=found.version, **values)


def _methods(view: View, rows: Sequence[Row]) -> list[str]:
    """Every method that stands behind the rows, named once."""
    columns = ("oe_method", "limits_method", "wide_method", "expected_method", "shrunk_method", "rank_method")
    return list(dict.fromkeys(view.words.method(row[column]) for column in columns for row in rows if row.get(column)))


def _chart(view: View, rows: Sequence[Row], limits: str) -> Markup | None:
    words, prefix = view.words, "wide_" if limits == WIDE else ""
    points = [
        funnel_chart.Point(
            label=words.unit(row["unit_id"]),
            size=row["compared"] if row["scale"] == "share" and row["compared"] else row["expected"],
            value=row["value"],
            target=row["target"],
            low_95=row[f"{prefix}low_95"],
            high_95=row[f"{prefix}high_95"],
            low_998=row[f"{prefix}low_998"],
            high_998=row[f"{prefix}high_998"],
            outside=row[verdict_column(limits)] not in ("within", None),
        )
        for row in rows
        if row["value"] is not None and row[f"{prefix}low_95"] is not None
    ]
    if len(points) < funnel_chart.FEWEST_POINTS:
        return None
    by_share = rows[0]["scale"] == "share"
    titles = funnel_chart.Titles(
        x=words.t("expected.axis.records" if by_share else "expected.axis.expected"),
        y=words.t("indicator.axis.share" if by_share else "expected.axis.ratio"),
    )
    outside = [point.label for point in points if point.outside]
    description = words.t("expected.chart.desc", n=str(len(points)), outside=", ".join(outside) or words.t("expected.nobody"))
    drawn = {shape: funnel_chart.funnel(points, titles, by_share=by_share, narrow=shape == "narrow") for shape in ("wide", "narrow")}
    return view.chart(f"funnel-{limits}", words.t("expected.chart.title"), description, drawn)
