"""The funnel plot: units by how much is known of them and what came of it, inside the limits that chance allows.

Limits are drawn through the units' own, in order of size: exact for every unit that is drawn. Source of the form: Spiegelhalter,
Funnel plots for comparing institutional performance, Statistics in Medicine 24 (2005).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from dashboard.charts import NARROW, WIDE
from dashboard.svg import ACCENT, INK, MUTED, SECOND

Spec = dict[str, Any]
FEWEST_POINTS: Final = 3
"""Fewer units make no funnel; the table says it all."""


@dataclass(frozen=True)
class Point:
    """One unit: how much is known of it, its value, and the limits around what is expected."""

    label: str
    size: float
    value: float
    target: float
    low_95: float
    high_95: float
    low_998: float | None
    high_998: float | None
    outside: bool


@dataclass(frozen=True)
class Titles:
    """What stands at the two axes."""

    x: str
    y: str


def funnel(points: Sequence[Point], titles: Titles, *, by_share: bool, narrow: bool = False) -> Spec:
    """The specification: dots, the target, and two pairs of limits; units outside the limits carry their names."""
    factor = 100 if by_share else 1
    ordered = sorted(points, key=lambda point: point.size)
    values = [_scaled(point, factor) for point in ordered]
    x: Spec = {
        "field": "size", "type": "quantitative", "scale": {"zero": False, "nice": True, "padding": 24},
        "axis": {"title": titles.x, "grid": False, "tickCount": 4 if narrow else 8, "domain": True},
    }  # fmt: skip
    y: Spec = {
        "field": "value",
        "type": "quantitative",
        "scale": {"zero": False, "nice": True},
        "axis": {"title": titles.y, "tickCount": 6},
    }
    lines = [("low_95", ACCENT, []), ("high_95", ACCENT, []), ("low_998", MUTED, [2, 4]), ("high_998", MUTED, [2, 4])]
    layers = [_limit(name, colour, dash, x, y) for name, colour, dash in lines]
    layers.append(_limit("target", INK, [6, 4], x, y))
    tone: Spec = {"condition": {"test": "datum.outside", "value": SECOND}, "value": ACCENT}
    layers.append({"mark": {"type": "circle", "opacity": 1, "size": 70}, "encoding": {"x": x, "y": y, "color": tone}})
    layers.append(
        {
            "transform": [{"filter": "datum.outside"}],
            "mark": {"type": "text", "dy": -12, "fontSize": 12, "fontWeight": 600, "limit": 120 if narrow else 260, "color": INK},
            "encoding": {"x": x, "y": y, "text": {"field": "label"}},
        }
    )
    width, height = (NARROW - 62, 260) if narrow else (WIDE - 90, 380)
    return {"data": {"values": values}, "width": width, "height": height, "layer": layers, "padding": 6}


def _scaled(point: Point, factor: int) -> Spec:
    scaled = {
        name: None if (edge := getattr(point, name)) is None else factor * edge
        for name in ("value", "target", "low_95", "high_95", "low_998", "high_998")
    }
    return {"label": point.label, "size": point.size, "outside": point.outside, **scaled}


def _limit(name: str, colour: str, dash: list[int], x: Spec, y: Spec) -> Spec:
    mark: Spec = {"type": "line", "color": colour, "strokeWidth": 1.5, "opacity": 0.75, "interpolate": "monotone"}
    return {"mark": mark | ({"strokeDash": dash} if dash else {}), "encoding": {"x": x, "y": {**y, "field": name}}}
