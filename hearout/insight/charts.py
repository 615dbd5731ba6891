"""Charts as SVG, drawn on the server, to stand in a page under a strict content security policy.

Colours are the page's own (CSS variables), so that a chart is light and dark with it. There is no
script, no style attribute, no link, and every label is text, whatever a stranger wrote. A table with
the same numbers goes beside each.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

from hearout.insight.live import HourCount
from hearout.insight.results import Waits
from hearout.lib.clean import INVISIBLE, clean_text

if TYPE_CHECKING:
    import altair

SVG = "http://www.w3.org/2000/svg"
LONGEST_LABEL = 40

INK, LINE, STRONG, FAINT = "#010101", "#020202", "#030303", "#040404"
"""Stand-ins for the page's colours while Vega draws."""
PAINT = {
    INK: "var(--ink-soft, currentColor)",
    LINE: "var(--line, #88888844)",
    STRONG: "var(--accent, currentColor)",
    FAINT: "var(--line-strong, #888888)",
}
KEPT = frozenset(
    ("d", "x", "y", "x1", "y1", "x2", "y2", "width", "height", "r", "cx", "cy", "transform", "fill", "stroke",
     "stroke-width", "stroke-dasharray", "opacity", "fill-opacity", "stroke-opacity", "font-size",
     "font-weight", "text-anchor", "viewBox")
)  # fmt: skip
"""Attributes that draw. All else goes: scripts, links, styles, classes, and roles that a picture hides anyway."""

NOT_ANSWERED = "not answered"

DRAWN = frozenset(["g", "path", "line", "rect", "text", "tspan", "circle"])
NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

BINS = (
    (5 * 60, "5 min"), (15 * 60, "15 min"), (30 * 60, "30 min"), (3600, "1 h"), (4 * 3600, "4 h"),
    (24 * 3600, "1 day"), (7 * 86400, "7 days"),
)  # fmt: skip


@dataclass(frozen=True)
class Chart:
    """`svg` is markup that is safe as it stands; `columns` and `rows` are the table beside it, plain text."""

    title: str
    description: str
    svg: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def volume(hours: Sequence[HourCount], title: str = "Openings by hour") -> Chart:
    """Openings by hour and how many of them have been answered. Hours are on the clock of their time zone."""
    total, answered = sum(hour.openings for hour in hours), sum(hour.answered for hour in hours)
    values = [
        # wall-clock times written as UTC, so that Vega shows them as they are
        {"hour": f"{hour.start:%Y-%m-%dT%H:%M:%S}Z", "what": what, "n": count}
        for what in ("openings", "answered")
        for hour in hours
        for count in [hour.openings if what == "openings" else hour.answered]
    ]
    rows = tuple((f"{hour.start:%a %d %b %H:%M}", str(hour.openings), str(hour.answered)) for hour in hours)
    told = f"{total:,} openings in {len(hours)} hours, {answered:,} of them answered."
    spec = {"kind": "volume", "values": values, "format": "%H:%M" if len(hours) <= 48 else "%a %d"}
    return Chart(title, told, _drawn(spec, title, told), ("hour", "openings", "answered"), rows)


def waits_chart(waits: Waits, title: str = "First response") -> Chart:
    """How many openings were answered how soon, and how many still wait."""
    counts = []
    below = 0
    for most, name in BINS:
        within = waits.within(most)
        counts.append((f"≤ {name}", within - below))
        below = within
    counts.append((f"> {BINS[-1][1]}", len(waits.answered) - below))
    counts.append((NOT_ANSWERED, len(waits.unanswered)))
    told = f"{len(waits.answered):,} of {waits.openings:,} openings were answered."
    return _columns(title, told, "time to the first response", "openings", counts)


def by_name(counts: Sequence[tuple[str, int]], title: str, of: str = "openings") -> Chart:
    """One bar for each name, such as a tone or a handle; names may be anybody's text."""
    told = f"{sum(count for _, count in counts):,} {of}."
    return _columns(title, told, "", of, [(_label(name), count) for name, count in counts])


def _columns(title: str, told: str, across: str, up: str, counts: Sequence[tuple[str, int]]) -> Chart:
    values = [
        {"place": place, "name": name, "n": n, "faint": name == NOT_ANSWERED}
        for place, (name, n) in enumerate(counts)
    ]
    svg = _drawn({"kind": "columns", "values": values, "across": across}, title, told)
    return Chart(title, told, svg, (across or "name", up), tuple((name, str(n)) for name, n in counts))


def _drawn(spec: dict[str, Any], title: str, told: str) -> str:
    return _svg(json.dumps(spec, sort_keys=True), _label(title, 200), _label(told, 500))


def _label(text: str, most: int = LONGEST_LABEL) -> str:
    """Text that XML can hold and that does not pretend: one line, without unseen characters."""
    seen = NOT_IN_XML.sub("", INVISIBLE.sub("", clean_text(text, 10 * most)))
    line = " ".join(seen.split())
    return (line if len(line) <= most else f"{line[: most - 1]}…") or "none"


@lru_cache(maxsize=128)
def _svg(spec: str, title: str, told: str) -> str:
    import vl_convert

    wanted = json.loads(spec)
    chart = _volume(wanted) if wanted["kind"] == "volume" else _bars(wanted)
    raw = vl_convert.vegalite_to_svg(_themed(chart).to_dict())
    name = "chart-" + sha256(f"{spec}{title}".encode()).hexdigest()[:12]
    return themed_and_safe(raw, name, title, told)


def _volume(spec: dict[str, Any]) -> altair.Chart:
    import altair as alt

    axis = alt.Axis(format=spec["format"], title=None, grid=False, labelOverlap=True, tickCount=8)
    colour = alt.Scale(domain=["openings", "answered"], range=[FAINT, STRONG])
    chart = alt.Chart(alt.InlineData(values=spec["values"])).mark_bar()
    drawn: altair.Chart = chart.encode(
        x=alt.X("hour:T", timeUnit="utcyearmonthdatehours", scale=alt.Scale(type="utc"), axis=axis),
        y=_up(spec),
        color=alt.Color("what:N", scale=colour, legend=alt.Legend(title=None, orient="top")),
    )
    return drawn


def _bars(spec: dict[str, Any]) -> altair.Chart:
    import altair as alt

    # as JSON, which Vega's expressions take for a literal, whatever the names say
    label = f"{json.dumps([value['name'] for value in spec['values']])}[datum.value]"
    axis = alt.Axis(title=spec["across"] or None, grid=False, labelAngle=0, labelExpr=label, labelLimit=110)
    colour = alt.condition("datum.faint", alt.value(FAINT), alt.value(STRONG))
    chart = alt.Chart(alt.InlineData(values=spec["values"])).mark_bar(cornerRadiusEnd=2)
    drawn: altair.Chart = chart.encode(
        x=alt.X("place:O", axis=axis, scale=alt.Scale(padding=0.3)), y=_up(spec), color=colour
    )
    return drawn


def _up(spec: dict[str, Any]) -> altair.Y:
    """Counts from 0 to at least 4, so that the axis has whole numbers."""
    import altair as alt

    most = max([4, *(value["n"] for value in spec["values"])])
    axis = alt.Axis(title=None, format="d", tickCount=4)
    return alt.Y("n:Q", stack=None, axis=axis, scale=alt.Scale(domain=[0, most]))


def _themed(chart: altair.Chart) -> altair.Chart:
    sized = chart.properties(width=640, height=170, background="transparent")
    sized = sized.configure_view(stroke=None).configure_axis(
        labelColor=INK, titleColor=INK, titleFontWeight="normal", gridColor=LINE, domainColor=FAINT,
        tickColor=FAINT, labelFontSize=11, titleFontSize=11,
    )  # fmt: skip
    themed: altair.Chart = sized.configure_legend(labelColor=INK, labelFontSize=11, symbolType="square")
    return themed


def themed_and_safe(raw: str, name: str, title: str, told: str) -> str:
    """Vega's SVG rebuilt from what draws alone, in the page's colours, with title and description."""
    source = ElementTree.fromstring(raw)  # noqa: S314  drawn here, a moment ago
    root = _rebuilt(source)
    for attribute in ("width", "height"):
        root.attrib.pop(attribute, None)
    root.attrib.update({"class": "chart", "role": "img", "aria-labelledby": f"{name}-title {name}-told"})
    for tag, text, place in (("title", title, 0), ("desc", told, 1)):
        element = ElementTree.Element(tag, {"id": f"{name}-{'title' if tag == 'title' else 'told'}"})
        element.text = text
        root.insert(place, element)
    return ElementTree.tostring(root, encoding="unicode")


def _rebuilt(source: ElementTree.Element) -> ElementTree.Element:
    kept = {name: _painted(value) for name, value in source.attrib.items() if name in KEPT}
    copy = ElementTree.Element(source.tag.removeprefix(f"{{{SVG}}}"), kept)
    copy.text = source.text if copy.tag in ("text", "tspan") else None
    for child in source:
        if child.tag.removeprefix(f"{{{SVG}}}") in DRAWN:
            copy.append(_rebuilt(child))
    return copy


def _painted(value: str) -> str:
    colour = re.sub(r"\s", "", value).lower()
    return PAINT.get(colour, value)
