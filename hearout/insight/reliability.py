"""The reliability chart: how sure a reader was against how often it was right.

Drawn like the charts of `insight/charts.py`: of plain drawing elements in the colours of the page.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from hearout.insight.charts import FAINT, INK, LINE, STRONG, Chart, themed_and_safe

if TYPE_CHECKING:
    import altair

SIDE = 250
"""Of the square, in pixels, at which a letter of the chart is as high as one of the text."""


@dataclass(frozen=True)
class Reliability:
    """Of labels given with about this confidence (0..1), the share that was right with its interval."""

    confidence: float
    share: float
    low: float
    high: float
    n: int
    name: str


def reliability_chart(points: Sequence[Reliability], title: str) -> Chart:
    """Points on the diagonal are as sure as they should be; below it too sure, above it not sure enough."""
    total = sum(point.n for point in points)
    off = [point for point in points if not point.low <= point.confidence <= point.high]
    if off:
        far = max(off, key=lambda point: abs(point.share - point.confidence))
        way = "too sure" if far.share < far.confidence else "not sure enough"
        said = f"Furthest off at {far.name}: {way}."
    else:
        said = "Every interval holds the diagonal: nothing speaks against what it says of itself."
    told = f"{total:,} labels checked. {said}"
    values = [
        {"x": point.confidence, "y": point.share, "low": point.low, "high": point.high, "n": point.n}
        for point in points
    ]
    rows = tuple(
        (
            point.name,
            f"{point.n:,}",
            _percent(point.confidence),
            _percent(point.share),
            f"{_percent(point.low)} to {_percent(point.high)}",
        )
        for point in points
    )
    columns = ("confidence", "n", "mean", "right", "95 % interval")
    return Chart(title, told, _svg(json.dumps(values), title, told), columns, rows)


def _percent(share: float) -> str:
    return f"{share * 100:.0f} %"


@lru_cache(maxsize=64)
def _svg(values: str, title: str, told: str) -> str:
    import vl_convert

    raw = vl_convert.vegalite_to_svg(_drawn(json.loads(values)).to_dict())
    name = f"chart-{sha256(f'{values}{title}'.encode()).hexdigest()[:12]}"
    return themed_and_safe(raw, name, title, told)


def _drawn(values: list[dict[str, Any]]) -> altair.LayerChart:
    import altair as alt

    def axis(field: str, title: str, channel: type[alt.X] | type[alt.Y]) -> Any:
        shown = alt.Axis(title=title, format="%", values=[0, 0.25, 0.5, 0.75, 1])
        return channel(field, axis=shown, scale=alt.Scale(domain=[0, 1], nice=False))

    x, y = axis("x:Q", "How sure it was", alt.X), axis("y:Q", "How often it was right", alt.Y)
    most = max(value["n"] for value in values)
    for value in values:
        value["size"] = 40 + 160 * value["n"] / most
    ideal = alt.Chart(alt.InlineData(values=[{"x": 0, "y": 0}, {"x": 1, "y": 1}]))
    base = alt.Chart(alt.InlineData(values=values))
    diagonal = ideal.mark_line(color=FAINT, strokeDash=[4, 4]).encode(x=x, y=y)
    whiskers = base.mark_rule(color=STRONG, strokeWidth=2, opacity=0.45).encode(
        x=x, y=alt.Y("low:Q"), y2="high:Q"
    )
    dots = base.mark_circle(color=STRONG, opacity=1).encode(
        x=x, y=y, size=alt.Size("size:Q", scale=None, legend=None)
    )
    drawn: altair.LayerChart = (
        (diagonal + whiskers + dots)
        .properties(width=SIDE, height=SIDE)
        .configure(background="transparent", padding=2)
        .configure_view(stroke=None)
        .configure_axis(
            labelColor=INK, titleColor=INK, titleFontWeight="normal", gridColor=LINE, domainColor=FAINT,
            tickColor=FAINT, labelFontSize=12, titleFontSize=12,
        )
    )  # fmt: skip
    return drawn
