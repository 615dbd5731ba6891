"""The figures of the overview as its template shows them."""

from __future__ import annotations

from dataclasses import dataclass, replace

from django.utils.safestring import mark_safe

from hearout.desk.overview.taken import Taken
from hearout.desk.overview.words import Line, Told, lines, told
from hearout.insight.charts import Chart

NO_HANDLE = "No handle of ours"
HOW = {
    "direct": "By handle or to us",
    "hashtag": "By hashtag",
    "indirect": "By name, without the @",
    "unnamed": "Not named",
}


@dataclass(frozen=True)
class Split:
    """One row of a figure's split: a name, n, a value and, where there is one, a second."""

    name: str
    n: int
    value: Told
    more: Told | None = None


@dataclass(frozen=True)
class Page:
    """Everything above the tables is of the last 7 days, unless it says today."""

    taken: Taken
    rate: Told
    rate_today: Told
    rate_wanting: Told
    waits: list[Told]
    waits_today: Told
    within: list[Told]
    backlog: list[Told]
    tones: list[Line]
    handles: list[Line]
    how: list[Split]
    leak: Told
    leaks: list[Split]
    agents: list[Split]
    hours: Chart
    wait_bins: Chart

    @property
    def empty(self) -> bool:
        return not self.taken.live.week.openings and not self.taken.live.backlog.n


def page_of(found: Taken) -> Page:
    live, week, today = found.live, found.live.week, found.live.today
    return Page(
        taken=found,
        rate=told(week.response_rate, "share"),
        rate_today=told(today.response_rate, "share"),
        rate_wanting=told(found.wanting, "share"),
        waits=[told(week.first_response, name) for name in ("median", "p90", "everybody_median")],
        waits_today=told(today.first_response, "median"),
        within=[told(week.first_response, f"within_{minutes}_minutes") for minutes in (30, 60)],
        backlog=[told(live.backlog, name) for name in ("median", "oldest")],
        tones=lines(live.by_tone.items()),
        handles=lines((NO_HANDLE if name == "none" else name, one) for name, one in live.by_handle.items()),
        how=[
            Split(
                HOW.get(str(name), str(name)), part.denominator.get("openings", part.n), told(part, "share")
            )
            for part in found.wanting.by
            for name in (part.group or {}).values()
        ],
        leak=told(found.leak, "share"),
        leaks=[
            Split(
                NO_HANDLE if name == "none" else str(name),
                sum(part.denominator.values()),
                told(part, "share"),
            )
            for part in found.leak.by
            for name in (part.group or {}).values()
        ],
        agents=[
            Split(str(name), part.n, told(part, "median"), told(part, "p90"))
            for part in (found.agents.by if found.agents else [])
            for name in (part.group or {}).values()
            if name != "nobody"
        ],
        hours=_drawn(found.hours),
        wait_bins=_drawn(found.waits),
    )


def _drawn(chart: Chart) -> Chart:
    """The chart with its picture as markup: `insight/charts.py` builds it of drawing elements and plain text alone."""
    return replace(chart, svg=mark_safe(chart.svg))  # noqa: S308
