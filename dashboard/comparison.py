"""The charts of the pages that compare units: from published rows to a drawn chart with its text alternative."""

from collections.abc import Sequence

from markupsafe import Markup

from dashboard import charts
from dashboard.charts import IntervalRow, SlopeRow
from dashboard.queries import Row
from dashboard.views import MOST_CHART_ROWS, View


def interval_chart(view: View, rows: Sequence[Row], whole: Row | None, outputs: dict[str, Row]) -> Markup | None:
    """Shares with their intervals, one row per unit, beside the output counts; None when there is nothing to draw."""
    words = view.words
    shown = [_share_row(view, row, outputs.get(row["unit_id"])) for row in rows[:MOST_CHART_ROWS]]
    if not any(row.value is not None for row in shown):
        return None
    reference = 100 * whole["share"] if whole and whole.get("share") is not None else None
    description = words.t("indicator.chart.desc", **_extremes(shown))
    specifications = {
        shape: charts.dots_with_intervals(
            shown,
            title=words.t("indicator.axis.share"),
            beside_title=words.t("indicator.axis.outputs") if shape == "wide" else words.t("col.outputs"),
            reference=reference,
            highest=100,
            narrow=shape == "narrow",
        )
        for shape in ("wide", "narrow")
    }
    return view.chart("shares", words.t("indicator.chart.title"), description, specifications)


def _share_row(view: View, row: Row, output: Row | None) -> IntervalRow:
    label, share = view.words.unit(row["unit_id"]), row.get("share")
    count = output.get("outputs") if output else None
    beside_note = _plain_absence(view, output) if output and count is None else ""
    if share is None:
        return IntervalRow(label, None, None, None, _plain_absence(view, row), count, beside_note)
    low, high = (100 * row[edge] if row.get(edge) is not None else None for edge in ("share_low", "share_high"))
    return IntervalRow(label, 100 * share, low, high, "", count, beside_note, _expected_share(row))


def _expected_share(row: Row) -> float | None:
    """The share expected of the unit's citizens, per cent."""
    expected, known = row.get("expected"), row.get("denominator")
    return 100 * expected / known if expected is not None and known else None


def _plain_absence(view: View, row: Row, missing: str = "cell.missing") -> str:
    """The words of an empty cell without their mark-up: a chart has text only."""
    return view.words.absent(row, missing).striptags()


def _extremes(rows: Sequence[IntervalRow]) -> dict[str, str]:
    drawn = [row for row in rows if row.value is not None]
    highest, lowest = max(drawn, key=lambda row: row.value or 0), min(drawn, key=lambda row: row.value or 0)
    return {"best": highest.label, "lowest": lowest.label}


def krone_chart(view: View, rows: Sequence[Row], whole: Row | None) -> Markup | None:
    """Effects per million kroner with their intervals, one row per unit; None when there is nothing to draw."""
    words = view.words
    shown = [_krone_row(view, row) for row in rows[:MOST_CHART_ROWS]]
    if not any(row.value is not None for row in shown):
        return None
    year = next((row["price_year"] for row in rows if row.get("price_year")), None)
    axis = words.t("krone.axis", year=year) if year else words.t("krone.axis.plain")
    reference = whole.get("effects_per_million") if whole else None
    specifications = {
        shape: charts.dots_with_intervals(shown, title=axis, reference=reference, narrow=shape == "narrow") for shape in ("wide", "narrow")
    }
    return view.chart("krone", words.t("krone.chart.title"), words.t("krone.chart.desc", **_extremes(shown)), specifications)


def _krone_row(view: View, row: Row) -> IntervalRow:
    label, value = view.words.unit(row["unit_id"]), row.get("effects_per_million")
    if value is None:
        return IntervalRow(label, None, None, None, _plain_absence(view, row, "cell.no_cost"))
    return IntervalRow(label, value, row.get("epm_low"), row.get("epm_high"))


def slope_chart(view: View, rows: Sequence[Row]) -> Markup | None:
    """Lines from rank by outputs to rank by effects; None when no unit has both."""
    words = view.words
    ranked = [row for row in rows if row.get("output_rank") is not None and row.get("effect_rank") is not None]
    if not ranked:
        return None
    ranked = sorted(ranked, key=lambda row: (row["effect_rank"], row["output_rank"]))[:MOST_CHART_ROWS]
    shown = [
        SlopeRow(
            words.unit(row["unit_id"]), row["output_rank"], row["effect_rank"], row.get("effect_rank_low"), row.get("effect_rank_high")
        )
        for row in ranked
    ]
    specifications = {
        shape: charts.slopes(shown, left_title=words.t("ranks.left"), right_title=words.t("ranks.right"), narrow=shape == "narrow")
        for shape in ("wide", "narrow")
    }
    description = words.t("ranks.chart.desc", crossing=_crossing(view, shown))
    return view.chart("ranks", words.t("ranks.chart.title"), description, specifications)


def _crossing(view: View, rows: Sequence[SlopeRow]) -> str:
    most_output, most_effect = min(rows, key=lambda row: row.left).label, min(rows, key=lambda row: row.right).label
    if most_output == most_effect:
        return view.words.t("ranks.crossing.same", best=most_effect)
    return view.words.t("ranks.crossing.differ", output_best=most_output, effect_best=most_effect)
