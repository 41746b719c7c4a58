"""From a Vega-Lite specification to an SVG that sits in a page: no script, no style, colours from the style sheet.

Vega writes colours as attributes. The specifications use stand-in colours that are swapped here for CSS variables, so that one cached
SVG serves both light and dark and follows the reader's setting.
"""

import re
import threading
from typing import Any, Literal

import vl_convert
from markupsafe import Markup, escape

INK, MUTED, LINE, ACCENT, SECOND, BAND, PAPER = (f"#00000{digit}" for digit in range(1, 8))
_VARIABLES = {
    INK: "--ink",
    MUTED: "--muted",
    LINE: "--line",
    ACCENT: "--accent",
    SECOND: "--second",
    BAND: "--band",
    PAPER: "--paper",
}
_STAND_IN = re.compile(r'"(#00000[1-7])"')
_RENDER = threading.Lock()  # the renderer is one engine: one drawing at a time

CONFIG: dict[str, Any] = {
    "font": "Inter, Helvetica, Arial, sans-serif",
    "background": None,
    "view": {"stroke": None},
    "axis": {
        "labelColor": MUTED,
        "titleColor": MUTED,
        "domainColor": LINE,
        "gridColor": LINE,
        "tickColor": LINE,
        "labelFontSize": 12,
        "titleFontSize": 12,
        "titleFontWeight": 500,
        "titlePadding": 10,
        "labelPadding": 6,
        "domain": False,
        "ticks": False,
    },
    "text": {"color": INK, "fontSize": 12},
    "legend": {"labelColor": INK, "titleColor": MUTED, "labelFontSize": 12},
    "aria": False,
}


def render(specification: dict[str, Any], language: str) -> str:
    """The bare SVG text of one specification, numbers written as the language writes them."""
    locale: Literal["da-DK", "en-GB"] = "da-DK" if language == "da" else "en-GB"
    with _RENDER:
        return str(vl_convert.vegalite_to_svg({**specification, "config": CONFIG}, vl_version="6.4", format_locale=locale))


def embed(svg: str, *, mark: str, title: str, description: str, css_class: str) -> Markup:
    """The SVG as a picture in a page: named and described, its ids made its own, its colours the style sheet's.

    mark   a prefix for ids, unique on the page
    """
    svg = _STAND_IN.sub(lambda found: f'"var({_VARIABLES[found.group(1)]})"', svg)
    svg = svg.replace('id="', f'id="{mark}-').replace("url(#", f"url(#{mark}-")
    svg = re.sub(r' (?:style|role|aria-[a-z]+|class)="[^"]*"', "", svg)
    opening = (
        f'<svg class="{css_class}" role="img" focusable="false" aria-labelledby="{mark}-title {mark}-desc" '
        + svg[len("<svg ") : svg.index(">") + 1]
        + f'<title id="{mark}-title">{escape(title)}</title><desc id="{mark}-desc">{escape(description)}</desc>'
    )
    return Markup(opening + svg[svg.index(">") + 1 :])


def warm_up() -> None:
    """Draw something once: the first drawing starts the engine, which takes about a second."""
    render({"data": {"values": [{"x": 1}]}, "mark": "point", "encoding": {"x": {"field": "x", "type": "quantitative"}}}, "da")
