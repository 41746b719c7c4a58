"""The charts as Vega-Lite specifications: values in, specification out. Each is drawn twice, for a wide page and for a phone.

Every chart has its numbers in a table beside it, so a chart shows shape and order only.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dashboard.svg import ACCENT, BAND, INK, MUTED, SECOND

Spec = dict[str, Any]
WIDE, NARROW = 1130, 334
"""Total drawing width in pixels, about."""
STEPS = (1, 2, 3, 4, 5, 6, 10, 12, 13, 20, 24, 26, 30, 50, 60, 90, 100, 120, 180, 200, 365, 500, 730, 1000)


@dataclass(frozen=True)
class IntervalRow:
    """One unit in a dot-and-interval chart.

    note      stands where the figure cannot be shown
    beside    its output count
    expected  what was expected of it, as a tick in the same row
    """

    label: str
    value: float | None
    low: float | None
    high: float | None
    note: str = ""
    beside: float | None = None
    beside_note: str = ""
    expected: float | None = None


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


def dots_with_intervals(
    rows: Sequence[IntervalRow],
    *,
    title: str,
    beside_title: str = "",
    reference: float | None = None,
    highest: float | None = None,
    narrow: bool = False,
) -> Spec:
    """Dots with their intervals, one row per unit in the given order; beside them, where there is one, a bar for the output count.

    reference  a dashed line through all rows, such as the whole municipality's figure
    highest    the scale's end where the figure has one (100 for per cent)
    """
    # rows stand by their place and not by their name: two units may share a name
    values = [{**vars(row), "place": place} for place, row in enumerate(rows)]
    with_bars = any(row.beside is not None or row.beside_note for row in rows)
    width = (NARROW - (100 if with_bars else 16)) if narrow else (WIDE - 250 - (230 if with_bars else 0))
    height = {"step": 46 if narrow else 30}
    panels: list[Spec] = [
        {
            "width": width,
            "height": height,
            "layer": _interval_layers(title, reference, _domain(rows, highest), width + (70 if with_bars else 0), narrow),
        }
    ]
    if with_bars:
        largest = max((row.beside or 0 for row in rows), default=0) or 1
        panels.append({"width": 70 if narrow else 190, "height": height, "layer": _bar_layers(beside_title, largest, narrow)})
    return {"data": {"values": values}, "hconcat": panels, "spacing": 16 if narrow else 36, "padding": 4}


def _domain(rows: Sequence[IntervalRow], highest: float | None) -> Spec:
    edges = [edge for row in rows for edge in (row.value, row.low, row.high, row.expected) if edge is not None] or [0.0]
    room = 0.04 * (max(edges) - min(edges) or max(edges) or 1)
    high = max(edges) + room
    return {"domain": [max(0.0, min(edges) - room), high if highest is None else min(high, highest)], "nice": True, "zero": False}


def _row_place() -> Spec:
    return {"field": "place", "type": "ordinal", "axis": None}


def _interval_layers(title: str, reference: float | None, scale: Spec, room: int, narrow: bool) -> list[Spec]:
    y = _row_place()
    drop = 8 if narrow else 0  # on a phone the name stands above its dot
    axis = {"title": title, "grid": True, "tickCount": 4 if narrow else 8, "orient": "bottom"}
    x: Spec = {"field": "value", "type": "quantitative", "axis": axis, "scale": scale}
    layers: list[Spec] = []
    if reference is not None:
        rule = {"type": "rule", "color": MUTED, "strokeDash": [3, 4], "strokeWidth": 1.5}
        layers.append({"data": {"values": [{"at": reference}]}, "mark": rule, "encoding": {"x": {**x, "field": "at"}}})
    span: Spec = {"type": "rule", "color": ACCENT, "strokeWidth": 4, "opacity": 0.4, "strokeCap": "round", "yOffset": drop}
    tick: Spec = {"type": "tick", "color": SECOND, "thickness": 3, "height": 18, "orient": "vertical", "yOffset": drop}
    note: Spec = {"type": "text", "color": MUTED, "align": "left", "fontStyle": "italic", "yOffset": drop}
    name: Spec = {"type": "text", "align": "left", "yOffset": -10, "fontSize": 13, "fontWeight": 500, "limit": 0.9 * room}
    if not narrow:
        name = {"type": "text", "align": "right", "fontSize": 13, "limit": 205}
    return [
        *layers,
        {"mark": span, "encoding": {"y": y, "x": {**x, "field": "low"}, "x2": {"field": "high"}}},
        {"mark": {"type": "circle", "color": ACCENT, "size": 120, "opacity": 1, "yOffset": drop}, "encoding": {"y": y, "x": x}},
        {"mark": tick, "encoding": {"y": y, "x": {**x, "field": "expected"}}},
        {"mark": note, "encoding": {"y": y, "x": {"value": 6}, "text": {"field": "note"}}},
        {"mark": name, "encoding": {"y": y, "x": {"value": 0 if narrow else -16}, "text": {"field": "label"}}},
    ]


def _bar_layers(title: str, largest: float, narrow: bool) -> list[Spec]:
    y = _row_place()
    drop = 8 if narrow else 0
    axis = {"title": title, "grid": False, "labels": False, "titleAlign": "left", "titleAnchor": "start"}
    # room on the right for the number after the longest bar; no stacking, so that nothing reorders the rows
    x: Spec = {
        "field": "beside",
        "type": "quantitative",
        "stack": None,
        "axis": axis,
        "scale": {"domain": [0, (1.9 if narrow else 1.4) * largest], "nice": False},
    }
    number = {"calculate": "isValid(datum.beside) ? format(datum.beside, ',.0f') : datum.beside_note", "as": "beside_label"}
    start = {"calculate": "isValid(datum.beside) ? datum.beside : 0", "as": "beside_end"}
    bar: Spec = {"type": "bar", "color": SECOND, "height": 12, "cornerRadiusEnd": 2, "opacity": 0.85, "yOffset": drop}
    text: Spec = {"type": "text", "align": "left", "dx": 6, "color": MUTED, "yOffset": drop}
    return [
        {"mark": bar, "encoding": {"y": y, "x": x}},
        {
            "transform": [number, start],
            "mark": text,
            "encoding": {"y": y, "x": {**x, "field": "beside_end"}, "text": {"field": "beside_label"}},
        },
    ]


def slopes(rows: Sequence[SlopeRow], *, left_title: str, right_title: str, narrow: bool = False) -> Spec:
    """Lines from the rank on the left to the rank on the right; the two winners stand out."""
    values = [
        {"place": place, "side": side, "rank": rank, "mark": _slope_mark(row, side, narrow), "tone": _tone(row)}
        for place, row in enumerate(rows)
        for side, rank in ((0, row.left), (1, row.right))
    ]
    # on a phone the left side has the rank alone, and the names stand on the right, where there is room for them
    left_room, right_room = (36, 190) if narrow else (320, 340)
    width = (NARROW if narrow else WIDE) - left_room - right_room
    last = max((max(row.left, row.right, row.right_high or 0) for row in rows), default=1)
    lanes = _interval_lanes(rows, 0.35 if narrow else 0.2)
    room = (0.35 if narrow else 0.2) if lanes else 0.0
    y: Spec = {
        "field": "rank",
        "type": "quantitative",
        "axis": None,
        "scale": {"reverse": True, "domain": [0.5, last + 0.5], "nice": False},
    }
    x: Spec = {"field": "side", "type": "quantitative", "axis": None, "scale": {"domain": [0, 1 + room], "nice": False}}
    tone: Spec = {
        "field": "tone",
        "type": "nominal",
        "legend": None,
        "scale": {"domain": ["effect", "output", "other"], "range": [ACCENT, SECOND, MUTED]},
    }
    weight: Spec = {"condition": {"test": "datum.tone !== 'other'", "value": 3}, "value": 1.5}
    layers: list[Spec] = [
        {
            "mark": {"type": "line", "strokeCap": "round"},
            "encoding": {"x": x, "y": y, "detail": {"field": "place"}, "color": tone, "strokeWidth": weight},
        },
        {"mark": {"type": "circle", "size": 90, "opacity": 1}, "encoding": {"x": x, "y": y, "color": tone}},
        _lane_layer(lanes, x, y, tone),
        _slope_text(0, "right", -12, x, y, left_room),
        _slope_text(1, "left", 12, x, y, right_room),
        *(_slope_heading(side, name, narrow) for side, name in ((0, left_title), (1, right_title))),
    ]
    side_padding = {"left": left_room, "right": right_room, "top": 40, "bottom": 6}
    return {
        "data": {"values": values},
        "width": width,
        "height": max(140, 38 * last),
        "layer": layers,
        "padding": side_padding,
        "autosize": "none",
    }


def _interval_lanes(rows: Sequence[SlopeRow], room: float) -> list[Spec]:
    """The interval of each rank in a lane of its own between the dots and the names, so that intervals that overlap stay apart."""
    return [
        {"lane": 1 + room * (place + 1) / (len(rows) + 1), "low": row.right_low, "high": row.right_high, "tone": _tone(row)}
        for place, row in enumerate(rows)
        if row.right_low is not None and row.right_high is not None
    ]


def _lane_layer(lanes: list[Spec], x: Spec, y: Spec, tone: Spec) -> Spec:
    mark: Spec = {"type": "rule", "strokeWidth": 4, "opacity": 0.45, "strokeCap": "round"}
    encoding: Spec = {"x": {**x, "field": "lane"}, "y": {**y, "field": "low"}, "y2": {"field": "high"}, "color": tone}
    return {"data": {"values": lanes}, "mark": mark, "encoding": encoding}


def _slope_mark(row: SlopeRow, side: int, narrow: bool) -> str:
    if side == 0:
        return f"{row.left}" if narrow else f"{row.label}  {row.left}"
    span = "" if narrow or row.right_low is None or row.right_high is None else f" ({row.right_low:.0f}\u2013{row.right_high:.0f})"
    return f"{row.right}{span}  {row.label}"


def _tone(row: SlopeRow) -> str:
    return "effect" if row.right == 1 else "output" if row.left == 1 else "other"


def _slope_text(side: int, align: str, shift: int, x: Spec, y: Spec, room: int) -> Spec:
    return {
        "transform": [{"filter": f"datum.side === {side}"}],
        "mark": {"type": "text", "align": align, "dx": shift, "fontSize": 13, "limit": max(20, room - 16), "color": INK},
        # names on the right stand beyond the lanes of the intervals
        "encoding": {"x": x if side == 0 else {"value": "width"}, "y": y, "text": {"field": "mark"}},
    }


def _slope_heading(side: int, name: str, narrow: bool) -> Spec:
    leftward = side == 0 and not narrow  # on a phone both headings grow towards the right, the left one from the edge
    shift = 12 if side == 1 else (-30 if narrow else -12)
    mark: Spec = {"type": "text", "align": "right" if leftward else "left", "dx": shift, "fontSize": 12, "fontWeight": 600, "color": MUTED}
    place = {"x": {"value": 0 if side == 0 else "width"}, "y": {"value": -22}, "text": {"value": name}}
    return {"data": {"values": [{}]}, "mark": mark, "encoding": place}


def curve(
    points: Sequence[CurvePoint],
    everybody: Sequence[CurvePoint],
    *,
    time_title: str,
    share_title: str,
    at_risk_title: str,
    narrow: bool = False,
) -> Spec:
    """The share that has achieved the effect by time, as steps with a band; beside it everybody's; below it the numbers still followed."""
    width = NARROW - 60 if narrow else WIDE - 90
    own = [_curve_value(point) for point in points]
    last = max((point.time for point in points), default=1) or 1
    x: Spec = {"field": "time", "type": "quantitative", "scale": {"domain": [0, last], "nice": False}}
    ticks = even_times(last, 5 if narrow else 9)
    x_axis = {**x, "axis": {"title": time_title, "grid": False, "values": ticks, "domain": True}}
    y: Spec = {
        "field": "share",
        "type": "quantitative",
        "axis": {"title": share_title, "tickCount": 5},
        "scale": {"zero": True, "nice": True},
    }
    steps: list[Spec] = [
        {
            "mark": {"type": "area", "interpolate": "step-after", "color": BAND, "opacity": 1},
            "encoding": {"x": x_axis, "y": {**y, "field": "low"}, "y2": {"field": "high"}},
        },
        {"mark": {"type": "line", "interpolate": "step-after", "color": ACCENT, "strokeWidth": 2.5}, "encoding": {"x": x_axis, "y": y}},
    ]
    if everybody:
        dashed = {"type": "line", "interpolate": "step-after", "color": MUTED, "strokeWidth": 1.5, "strokeDash": [3, 4]}
        shown = [_curve_value(point) for point in everybody if point.time <= last]
        steps.append({"data": {"values": shown}, "mark": dashed, "encoding": {"x": x_axis, "y": y}})
    risk = [{"time": point.time, "n": point.at_risk} for point in points if point.time in ticks and point.at_risk is not None]
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


def even_times(last: float, n_most: int) -> list[float]:
    """At most `n_most` evenly spaced times from 0, at steps that people count in."""
    step = next((step for step in STEPS if last / step <= n_most - 1), last)
    return [step * n for n in range(int(last // step) + 1)]
