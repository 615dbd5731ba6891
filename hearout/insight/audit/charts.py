"""The charts of an audit: when customers ask and are answered, and the league of rate and time.

Each is drawn twice, wide for a desk and paper and narrow for a phone, so that its letters stay readable.
Like those of `insight/charts.py` they are of plain drawing elements in the page's colours.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from hearout.insight.charts import FAINT, INK, LINE, STRONG, Chart, _label, themed_and_safe

if TYPE_CHECKING:
    import altair

WIDE, MIDDLE, NARROW = 680, 560, 330
"""In pixels, at which a letter of a chart is as high as one of the text."""
TICKS = (
    (60, "1 min"), (300, "5 min"), (900, "15 min"), (3600, "1 h"), (4 * 3600, "4 h"), (86_400, "1 day"),
    (4 * 86_400, "4 days"), (14 * 86_400, "2 weeks"), (60 * 86_400, "60 days"), (365 * 86_400, "1 year"),
)  # fmt: skip
LETTER, LINE_HEIGHT = 6.2, 13
"""How wide a letter of a label is about, and how high a line, in pixels."""


@dataclass(frozen=True)
class Times:
    """Openings that began in one hour or on one weekday, and the share answered in time with its interval."""

    name: str
    openings: int
    share: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Point:
    """A brand in the league: mean seconds to the answer, and the share answered."""

    name: str
    seconds: float
    rate: float
    openings: int = 0
    published: bool = False


@dataclass(frozen=True)
class Drawn:
    """A chart and its narrow twin. `chart.svg` and `narrow` are markup that is safe as it stands."""

    chart: Chart
    narrow: str


def times_chart(rows: Sequence[Times], title: str, of: str) -> Drawn:
    """Two panels over the same clock: how many openings, and of how many the answer came in time."""
    total, most = sum(row.openings for row in rows), max(rows, key=lambda row: row.openings)
    told = (
        f"{total:,} openings; most, {most.openings:,}, at {most.name}. Below, the {of}, with 95 % intervals."
    )
    table = tuple((row.name, f"{row.openings:,}", _share(row.share)) for row in rows)
    values = [
        {
            "place": place,
            "name": row.name,
            "n": row.openings,
            "share": row.share,
            "low": row.low,
            "high": row.high,
        }
        for place, row in enumerate(rows)
    ]
    spec = {"kind": "times", "values": values, "of": of}
    return _both(spec, title, told, ("", "openings", of), table)


def league_chart(points: Sequence[Point], title: str) -> Drawn:
    """Response time (logarithmic) against response rate. Labels stand where there is room."""
    known = [point for point in points if point.seconds > 0]
    theirs = sum(point.published for point in known)
    told = f"Of this audit {len(known) - theirs}, published {theirs}. To the left is faster, up answers more."
    values = [
        {
            "name": _label(p.name, 28),
            "seconds": p.seconds,
            "rate": p.rate,
            "n": p.openings,
            "published": p.published,
        }
        for p in known
    ]
    table = tuple((p.name, _share(p.rate), _spell(p.seconds)) for p in known)
    return _both(
        {"kind": "league", "values": values}, title, told, ("brand", "answered", "mean response time"), table
    )


def _share(share: float | None) -> str:
    return "–" if share is None else f"{share * 100:.1f} %"


def _spell(seconds: float) -> str:
    for size, name in ((86_400, "days"), (3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds / size:.1f} {name}"
    return f"{seconds:.0f} s"


def _both(
    spec: dict[str, Any], title: str, told: str, columns: tuple[str, ...], rows: tuple[tuple[str, ...], ...]
) -> Drawn:
    text = json.dumps(spec, sort_keys=True)
    widths = (MIDDLE if spec["kind"] == "times" else WIDE, NARROW)
    wide, narrow = (_svg(text, width, title, told) for width in widths)
    return Drawn(Chart(title, told, wide, columns, rows), narrow)


@lru_cache(maxsize=64)
def _svg(text: str, width: int, title: str, told: str) -> str:
    import vl_convert

    spec = json.loads(text)
    chart = _times(spec, width) if spec["kind"] == "times" else _league(spec, width)
    raw = vl_convert.vegalite_to_svg(_themed(chart).to_dict())
    name = f"chart-{sha256(f'{text}{title}{width}'.encode()).hexdigest()[:12]}"
    return themed_and_safe(raw, name, _label(title, 200), _label(told, 500))


def _themed(chart: Any) -> Any:
    return (
        chart.configure(background="transparent", padding=2)
        .configure_view(stroke=None)
        .configure_axis(
            labelColor=INK, titleColor=INK, titleFontWeight="normal", gridColor=LINE, domainColor=FAINT,
            tickColor=FAINT, labelFontSize=12, titleFontSize=12, labelPadding=4, titlePadding=8,
        )
        .configure_text(fontSize=12)
    )  # fmt: skip


def _times(spec: dict[str, Any], width: int) -> altair.VConcatChart:
    import altair as alt

    names = json.dumps([value["name"] for value in spec["values"]])
    many = len(spec["values"]) > 7
    step = (6 if width == NARROW else 3) if many else 1
    across = alt.Axis(
        title=None, grid=False, labelAngle=0, labelExpr=f"{names}[datum.value]", ticks=False,
        values=list(range(0, len(spec["values"]), step)),
    )  # fmt: skip
    x = alt.X("place:O", axis=across, scale=alt.Scale(paddingInner=0.25, paddingOuter=0.1))
    data = alt.InlineData(values=spec["values"])
    count = alt.Axis(title=None, format=",", tickCount=3)
    bars = alt.Chart(data).mark_bar(color=FAINT, opacity=0.5, cornerRadiusEnd=1)
    upper = bars.encode(x=x.axis(None), y=alt.Y("n:Q", axis=count)).properties(
        width=width - 50, height=80, title=_panel("Openings")
    )
    share = alt.Y(
        "share:Q", axis=alt.Axis(title=None, format="%", tickCount=4), scale=alt.Scale(domain=[0, 1])
    )
    known = alt.Chart(data).transform_filter("isValid(datum.share)")
    whiskers = known.mark_rule(color=STRONG, strokeWidth=2, opacity=0.4).encode(
        x=x, y=alt.Y("low:Q"), y2="high:Q"
    )
    dots = known.mark_circle(color=STRONG, size=42, opacity=1).encode(x=x, y=share)
    lower = (whiskers + dots).properties(width=width - 50, height=130, title=_panel(spec["of"].capitalize()))
    drawn: altair.VConcatChart = alt.vconcat(upper, lower, spacing=14)
    return drawn


def _panel(text: str) -> altair.TitleParams:
    import altair as alt

    return alt.TitleParams(
        text, anchor="start", frame="group", fontSize=12, fontWeight="normal", color=INK, offset=6
    )


def _league(spec: dict[str, Any], width: int) -> altair.LayerChart:
    import altair as alt

    inner, height = width - 70, 360 if width == WIDE else 320
    values = spec["values"]
    low, high = _bounds([value["seconds"] for value in values])
    room = _Room(inner, height, low, high)
    most = max([value["n"] for value in values] + [1])
    for value in values:
        value["size"] = 70.0 if value["published"] else 30 + 270 * value["n"] / most
        value["x"], value["y"] = room.place(value)
        room.takes(value["x"] - 5, value["y"] - 5, 10, 10)
    labels = room.labels(sorted(values, key=lambda value: (not value["published"], -value["n"])))
    ticks = [seconds for seconds, _ in TICKS if low <= seconds <= high]
    x = alt.X(
        "seconds:Q", scale=alt.Scale(type="log", domain=[low, high]),
        axis=alt.Axis(title="Mean response time, log scale", values=ticks, labelExpr=_tick_names(),
                      labelOverlap=True),
    )  # fmt: skip
    y = alt.Y(
        "rate:Q",
        scale=alt.Scale(domain=[0, 1]),
        axis=alt.Axis(title="Openings answered", format="%", tickCount=5),
    )
    size = alt.Size("size:Q", scale=None, legend=None)
    base = alt.Chart(alt.InlineData(values=values))
    ours = (
        base.transform_filter("!datum.published")
        .mark_circle(color=STRONG, opacity=0.75)
        .encode(x=x, y=y, size=size)
    )
    theirs = base.transform_filter("datum.published").mark_point(
        color=INK, shape="diamond", strokeWidth=1.5, filled=False, opacity=1
    )
    texts = alt.Chart(alt.InlineData(values=labels)).mark_text(align="left", baseline="middle", color=INK)
    named = texts.encode(
        x=alt.XValue(alt.expr("datum.left")),  # type: ignore[no-untyped-call]
        y=alt.YValue(alt.expr("datum.top")),  # type: ignore[no-untyped-call]
        text="name:N",
    )
    drawn: altair.LayerChart = (ours + theirs.encode(x=x, y=y, size=size) + named).properties(
        width=inner, height=height
    )
    return drawn


def _tick_names() -> str:
    names = {str(seconds): name for seconds, name in TICKS}
    return f"{json.dumps(names)}[toString(datum.value)]"


def _bounds(seconds: Sequence[float]) -> tuple[float, float]:
    """From the tick below the fastest to the tick above the slowest."""
    least, most = min(seconds, default=60.0), max(seconds, default=86_400.0)
    below = [float(tick) for tick, _ in TICKS if tick < least] or [least / 2]
    above = [float(tick) for tick, _ in TICKS if tick > most * 1.15] or [most * 2]
    return below[-1], above[0]


class _Room:
    """Where labels may stand: inside the picture, over no point and no other label."""

    def __init__(self, width: float, height: float, low: float, high: float) -> None:
        self.width, self.height = width, height
        self.low, self.span = math.log(low), math.log(high) - math.log(low)
        self.taken: list[tuple[float, float, float, float]] = []

    def place(self, value: dict[str, Any]) -> tuple[float, float]:
        return (math.log(value["seconds"]) - self.low) / self.span * self.width, (
            1 - value["rate"]
        ) * self.height

    def takes(self, left: float, top: float, width: float, height: float) -> None:
        self.taken.append((left, top, left + width, top + height))

    def labels(self, values: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
        found = []
        for value in values:
            wide, gap = len(value["name"]) * LETTER, 4 + math.sqrt(value["size"]) / 2
            x, y = value["x"], value["y"]
            for left, top in (
                (x + gap, y),
                (x - gap - wide, y),
                (x - wide / 2, y - gap - 6),
                (x - wide / 2, y + gap + 6),
            ):
                if self._free(left, top - LINE_HEIGHT / 2, wide):
                    self.takes(left, top - LINE_HEIGHT / 2, wide, LINE_HEIGHT)
                    found.append({"name": value["name"], "left": left, "top": top})
                    break
        return found

    def _free(self, left: float, top: float, width: float) -> bool:
        right, bottom = left + width, top + LINE_HEIGHT
        inside = left >= 0 and right <= self.width and top >= -8 and bottom <= self.height
        return inside and all(
            right <= one[0] or left >= one[2] or bottom <= one[1] or top >= one[3] for one in self.taken
        )
