"""What was counted and what was expected, drawn: columns under a line, with a mark where an alarm began."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from functools import lru_cache
from hashlib import sha256
from typing import Any

from hearout.insight.charts import FAINT, INK, LINE, STRONG, Chart, themed_and_safe
from hearout.insight.trends.counting import BUCKET
from hearout.insight.trends.models import Hour, Series

HEIGHT, WIDTH = 170, 640
LEAST_TOP = 4


@dataclass(frozen=True, slots=True)
class Bar:
    """`start` on the clock of those who read it. `expected` is None where nobody reckoned."""

    start: datetime
    count: int
    expected: float | None
    alarm: bool


def bars(
    series: Series,
    since: datetime,
    until: datetime,
    step: timedelta,
    zone: tzinfo,
    alarms: Sequence[datetime] = (),
) -> list[Bar]:
    """Counts from `since` to `until` in steps of whole buckets. `alarms`: when some began."""
    width = step // BUCKET
    whole = max(0, (until - since) // step)
    counts, expected, reckoned = [0] * whole, [0.0] * whole, [False] * whole
    hours = Hour.objects.filter(series=series, at__gte=since - timedelta(hours=1), at__lt=until)
    for hour in hours:
        for number, (count, wanted) in enumerate(zip(hour.counts, hour.expected, strict=False)):
            place = ((hour.at - since) // BUCKET + number) // width
            if 0 <= place < whole:
                counts[place] += count
                expected[place] += wanted
                reckoned[place] = True
    marked = {(at - since) // step for at in alarms}
    return [
        Bar((since + place * step).astimezone(zone), counts[place], expected[place] if reckoned[place] else None,
            place in marked)
        for place in range(whole)
    ]  # fmt: skip


def trend_chart(drawn: Sequence[Bar], title: str, *, days: bool = False) -> Chart:
    """`days`: the axis tells days, not times of day."""
    total, due = sum(bar.count for bar in drawn), sum(bar.expected or 0 for bar in drawn)
    alarms = sum(bar.alarm for bar in drawn)
    told = f"{total:,} posts, where {due:,.0f} were expected; {alarms} alarm{'s' if alarms != 1 else ''}."
    values = [
        # wall-clock times written as UTC, so that Vega shows them as they are
        {"at": f"{bar.start:%Y-%m-%dT%H:%M:%S}Z", "n": bar.count, "due": bar.expected and round(bar.expected, 2),
         "alarm": bar.alarm}
        for bar in drawn
    ]  # fmt: skip
    spec = {"values": values, "format": "%a %d" if days else "%H:%M"}
    rows = tuple(_row(bar) for bar in drawn if bar.count or bar.alarm)
    return Chart(
        title, told, _svg(json.dumps(spec), title, told), ("from", "posts", "expected", "alarm"), rows
    )


def _row(bar: Bar) -> tuple[str, ...]:
    due = "" if bar.expected is None else f"{bar.expected:.1f}"
    return (f"{bar.start:%a %d %b %H:%M}", str(bar.count), due, "yes" if bar.alarm else "")


@lru_cache(maxsize=64)
def _svg(spec: str, title: str, told: str) -> str:
    import vl_convert

    raw = vl_convert.vegalite_to_svg(_chart(json.loads(spec)))
    return themed_and_safe(raw, "trend-" + sha256(f"{spec}{title}".encode()).hexdigest()[:12], title, told)


def _chart(spec: dict[str, Any]) -> dict[str, Any]:
    import altair as alt

    values: Iterable[dict[str, Any]] = spec["values"]
    top = max([LEAST_TOP, *(max(value["n"], value["due"] or 0) for value in values)])
    axis = alt.Axis(format=spec["format"], title=None, grid=False, labelOverlap=True, tickCount=8)
    counts = alt.Axis(title=None, format="d", tickCount=4)
    base = alt.Chart(alt.InlineData(values=spec["values"])).encode(
        x=alt.X("at:T", scale=alt.Scale(type="utc"), axis=axis)
    )
    scale = alt.Scale(domain=[0, 1.12 * top], nice=False)
    width = max(1.0, 0.8 * WIDTH / max(1, len(spec["values"])))
    posts = base.mark_bar(color=FAINT, size=width).encode(y=alt.Y("n:Q", axis=counts, scale=scale))
    due = base.mark_line(color=STRONG, strokeWidth=2).encode(y=alt.Y("due:Q", scale=scale))
    told = base.transform_filter("datum.alarm").mark_point(
        shape="triangle-down", size=70, filled=True, color=INK, yOffset=-7, opacity=1
    )
    drawn = (posts + due + told.encode(y=alt.Y("n:Q", scale=scale))).properties(
        width=WIDTH, height=HEIGHT, background="transparent"
    )
    themed: dict[str, Any] = (
        drawn.configure_view(stroke=None)
        .configure_axis(labelColor=INK, gridColor=LINE, domainColor=FAINT, tickColor=FAINT, labelFontSize=11)
        .to_dict()
    )
    return themed
