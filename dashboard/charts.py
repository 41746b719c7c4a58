"""The charts as Vega-Lite specifications: values in, specification out. Each is drawn twice, for a wide page and for a phone.

Every chart has its numbers in a table beside it, so a chart shows shape and order only.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dashboard.svg import ACCENT, BAND, INK, LINE, MUTED, SECOND

Spec = dict[str, Any]
WIDE, NARROW = 760, 330
"""Total drawing width in pixels, about."""


@dataclass(frozen=True)
class IntervalRow:
    """One unit in a dot-and-interval chart; `note` stands where the figure cannot be shown, `beside` is its output count."""

    label: str
    value: float | None
    low: float | None
    high: float | None
    note: str = ""
    beside: float | None = None
    beside_note: str = ""


@dataclass(frozen=True)
class SlopeRow:
    """One unit in a slope chart: its rank on both sides, 1 is best."""

    label: str
    left: int
    right: int
    right_low: float | None = None
    right_high: float | None = None


@dataclass(frozen=True)
class CurvePoint:
    """One point of a curve: completed time units, share so far with interval, and the number still followed."""

    time: float
    share: float
    low: float | None
    high: float | None
    at_risk: int | None


def dots_with_intervals(rows: Sequence[IntervalRow], *, title: str, beside_title: str = "", reference: float | None = None, narrow: bool = False) -> Spec:
    """Dots with their intervals, one row per unit in the given order; beside them, where there is one, a bar for the output count."""
    values = [{**vars(row), "place": place} for place, row in enumerate(rows)]
    with_bars = any(row.beside is not None or row.beside_note for row in rows)
    width = (NARROW - (96 if with_bars else 20)) if narrow else (WIDE - 220 - (190 if with_bars else 0))
    step = 46 if narrow else 30
    left: Spec = {"width": width, "height": {"step": step}, "layer": _interval_layers(title, reference, width, narrow)}
    panels = [left]
    if with_bars:
        largest = max((row.beside or 0 for row in rows), default=0) or 1
        panels.append({"width": 70 if narrow else 150, "height": {"step": step}, "layer": _bar_layers(beside_title, largest, narrow)})
    return {"data": {"values": values}, "hconcat": panels, "spacing": 16 if narrow else 28, "padding": 4}


def _rows_axis(narrow: bool, labels: bool) -> Spec:
    axis: Spec | None = {"labelColor": INK, "labelLimit": 210, "labelFontSize": 13, "labelPadding": 12, "title": None} if labels and not narrow else None
    return {"field": "label", "type": "nominal", "sort": {"field": "place"}, "axis": axis}


def _interval_layers(title: str, reference: float | None, width: int, narrow: bool) -> list[Spec]:
    y = _rows_axis(narrow, labels=True)
    drop = 8 if narrow else 0  # on a phone the name stands above its dot
    axis = {"title": title, "grid": True, "tickCount": 4 if narrow else 6, "orient": "bottom"}
    x: Spec = {"field": "value", "type": "quantitative", "axis": axis, "scale": {"zero": False, "nice": True, "padding": 12}}
    layers: list[Spec] = []
    if reference is not None:
        rule = {"type": "rule", "color": MUTED, "strokeDash": [3, 4], "strokeWidth": 1.5}
        layers.append({"data": {"values": [{"at": reference}]}, "mark": rule, "encoding": {"x": {"field": "at", "type": "quantitative"}}})
    layers += [
        {
            "mark": {"type": "rule", "color": ACCENT, "strokeWidth": 3, "opacity": 0.45, "strokeCap": "round", "yOffset": drop},
            "encoding": {"y": y, "x": {**x, "field": "low"}, "x2": {"field": "high"}},
        },
        {"mark": {"type": "circle", "color": ACCENT, "size": 110, "opacity": 1, "yOffset": drop}, "encoding": {"y": y, "x": x}},
        {
            "mark": {"type": "text", "color": MUTED, "align": "left", "fontStyle": "italic", "yOffset": drop},
            "encoding": {"y": y, "x": {"value": 6}, "text": {"field": "note"}},
        },
    ]
    if narrow:
        name = {"type": "text", "align": "left", "yOffset": -10, "fontSize": 13, "fontWeight": 500, "limit": width + 70}
        layers.append({"mark": name, "encoding": {"y": y, "x": {"value": 0}, "text": {"field": "label"}}})
    return layers


def _bar_layers(title: str, largest: float, narrow: bool) -> list[Spec]:
    y = _rows_axis(narrow, labels=False)
    drop = 8 if narrow else 0
    x: Spec = {"field": "beside", "type": "quantitative", "axis": {"title": title, "grid": False, "labels": False, "titleAlign": "center"}}
    text: Spec = {"type": "text", "align": "left", "dx": 6, "color": MUTED, "yOffset": drop}
    number = {"calculate": "isValid(datum.beside) ? format(datum.beside, ',.0f') : datum.beside_note", "as": "beside_label"}
    bar: Spec = {"type": "bar", "color": SECOND, "height": 12, "cornerRadiusEnd": 2, "opacity": 0.85, "yOffset": drop}
    room = {**x, "scale": {"domain": [0, 1.45 * largest], "nice": False}}  # room for the number after the longest bar
    return [
        {"mark": bar, "encoding": {"y": y, "x": room}},
        {"transform": [number], "mark": text, "encoding": {"y": y, "x": {**room, "stack": None}, "text": {"field": "beside_label"}}},
    ]


def slopes(rows: Sequence[SlopeRow], *, left_title: str, right_title: str, narrow: bool = False) -> Spec:
    """Lines from the rank on the left to the rank on the right; the two winners stand out."""
    values = [
        {"label": row.label, "side": side, "rank": rank, "mark": f"{row.label}  {rank}" if side == 0 else f"{rank}  {row.label}", "tone": _tone(row)}
        for row in rows
        for side, rank in ((0, row.left), (1, row.right))
    ]
    spans = [{"side": 1, "low": row.right_low, "high": row.right_high} for row in rows if row.right_low is not None and row.right_high is not None]
    side_room = 112 if narrow else 240
    width = (NARROW if narrow else WIDE) - 2 * side_room
    last = max((max(row.left, row.right) for row in rows), default=1)
    y: Spec = {"field": "rank", "type": "quantitative", "axis": None, "scale": {"reverse": True, "domain": [0.5, last + 0.5], "nice": False}}
    x: Spec = {"field": "side", "type": "quantitative", "axis": None, "scale": {"domain": [0, 1], "nice": False}}
    tone: Spec = {"field": "tone", "type": "nominal", "legend": None, "scale": {"domain": ["effect", "output", "other"], "range": [ACCENT, SECOND, MUTED]}}
    weight: Spec = {"condition": {"test": "datum.tone !== 'other'", "value": 3}, "value": 1.5}
    layers: list[Spec] = [
        {
            "mark": {"type": "line", "strokeCap": "round"},
            "encoding": {"x": x, "y": y, "detail": {"field": "label"}, "color": tone, "strokeWidth": weight},
        },
        {"mark": {"type": "circle", "size": 90, "opacity": 1}, "encoding": {"x": x, "y": y, "color": tone}},
        _slope_text(0, "right", -12, x, y, side_room),
        _slope_text(1, "left", 12, x, y, side_room),
        *(_slope_heading(side, name, narrow) for side, name in ((0, left_title), (1, right_title))),
    ]
    if spans:
        rule = {"type": "rule", "color": LINE, "strokeWidth": 6, "strokeCap": "round"}
        span = {"x": x, "y": {**y, "field": "low"}, "y2": {"field": "high"}}
        layers.insert(0, {"data": {"values": spans}, "mark": rule, "encoding": span})
    side_padding = {"left": side_room, "right": side_room, "top": 34, "bottom": 6}
    return {"data": {"values": values}, "width": width, "height": max(120, 34 * last), "layer": layers, "padding": side_padding, "autosize": "none"}


def _tone(row: SlopeRow) -> str:
    return "effect" if row.right == 1 else "output" if row.left == 1 else "other"


def _slope_text(side: int, align: str, shift: int, x: Spec, y: Spec, room: int) -> Spec:
    return {
        "transform": [{"filter": f"datum.side === {side}"}],
        "mark": {"type": "text", "align": align, "dx": shift, "fontSize": 13, "limit": room - 16, "color": INK},
        "encoding": {"x": x, "y": y, "text": {"field": "mark"}},
    }


def _slope_heading(side: int, name: str, narrow: bool) -> Spec:
    mark = {"type": "text", "align": "right" if side == 0 else "left", "dx": -12 if side == 0 else 12, "fontSize": 12, "fontWeight": 600, "color": MUTED}
    place = {"x": {"value": 0 if side == 0 else "width"}, "y": {"value": -16}, "text": {"value": name}}
    return {"data": {"values": [{}]}, "mark": {**mark, "limit": 100 if narrow else 230}, "encoding": place}


def curve(
    points: Sequence[CurvePoint], everybody: Sequence[CurvePoint], *, time_title: str, share_title: str, at_risk_title: str, narrow: bool = False
) -> Spec:
    """The share that has achieved the effect by time, as steps with a band; beside it everybody's; below it the numbers still followed."""
    width = NARROW - 60 if narrow else WIDE - 90
    own = [_curve_value(point) for point in points]
    last = max((point.time for point in points), default=1) or 1
    x: Spec = {"field": "time", "type": "quantitative", "scale": {"domain": [0, last], "nice": False}}
    x_axis = {**x, "axis": {"title": time_title, "grid": False, "tickCount": 4 if narrow else 8, "domain": True}}
    y: Spec = {"field": "share", "type": "quantitative", "axis": {"title": share_title, "tickCount": 5}, "scale": {"zero": True, "nice": True}}
    steps: list[Spec] = [
        {"mark": {"type": "area", "interpolate": "step-after", "color": BAND, "opacity": 1}, "encoding": {"x": x_axis, "y": {**y, "field": "low"}, "y2": {"field": "high"}}},
        {"mark": {"type": "line", "interpolate": "step-after", "color": ACCENT, "strokeWidth": 2.5}, "encoding": {"x": x_axis, "y": y}},
    ]
    if everybody:
        dashed = {"type": "line", "interpolate": "step-after", "color": MUTED, "strokeWidth": 1.5, "strokeDash": [3, 4]}
        shown = [_curve_value(point) for point in everybody if point.time <= last]
        steps.append({"data": {"values": shown}, "mark": dashed, "encoding": {"x": x_axis, "y": y}})
    risk = _at_risk(points, 4 if narrow else 8)
    below: Spec = {
        "width": width,
        "height": 22,
        "title": {"text": at_risk_title, "anchor": "start", "color": MUTED, "fontSize": 12, "fontWeight": 500, "offset": 4},
        "data": {"values": risk},
        "transform": [{"calculate": "format(datum.n, ',.0f')", "as": "label"}],
        "mark": {"type": "text", "baseline": "middle", "fontSize": 12, "color": INK},
        "encoding": {"x": {**x, "axis": None}, "text": {"field": "label"}},
    }
    main: Spec = {"width": width, "height": 220 if narrow else 320, "data": {"values": own}, "layer": steps}
    return {"vconcat": [main, below], "spacing": 12, "padding": 6, "resolve": {"scale": {"x": "independent"}}}


def _curve_value(point: CurvePoint) -> dict[str, float | None]:
    share = 100 * point.share
    low, high = (share if edge is None else 100 * edge for edge in (point.low, point.high))
    return {"time": point.time, "share": share, "low": low, "high": high}


def _at_risk(points: Sequence[CurvePoint], n_shown: int) -> list[dict[str, float]]:
    known = [point for point in points if point.at_risk is not None]
    if not known:
        return []
    stride = max(1, -(-len(known) // n_shown))
    return [{"time": point.time, "n": float(point.at_risk or 0)} for point in known[::stride]]
